//! A short program that is run to its end.

use super::running::Exit;
use super::spec::Spec;
use crate::{Error, Result};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

/// How much of a failed program's output an error shows.
const SHOWN_BYTES: usize = 2_000;

/// Runs a program with this standard input and returns what it wrote to standard output; fails when it
/// does. Its log and its way to stop do not matter here.
pub fn run_to_end(spec: &Spec, input: &str) -> Result<String> {
    let failed = |source| Error::Spawn { program: spec.program.clone(), source };
    let mut command = spec.command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(user) = spec.user {
        command.uid(user.uid).gid(user.gid);
    }
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let all = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut start = all.len().saturating_sub(SHOWN_BYTES);
    while !all.is_char_boundary(start) {
        start += 1;
    }
    Err(Error::Failed {
        program: spec.name.clone(),
        status: Exit::from(output.status).to_string(),
        output: all.get(start..).unwrap_or_default().trim().to_owned(),
    })
}
