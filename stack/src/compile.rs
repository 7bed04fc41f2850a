//! Building the programs of a stack, with the profile this tool itself was built with.

use crate::config;
use crate::failure::Failure;
use crate::terminal::Terminal;
use native::state::checkout;
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs of a stack, by package; each has one program of the same name.
pub const PROGRAMS: [&str; 5] = ["observatory", "audit-service", "order-service", "user-service", "gateway-spans"];

/// Builds them and says in which directory they are.
pub fn programs(terminal: &Terminal) -> Result<PathBuf, Failure> {
    let profile = profile()?;
    let packages = PROGRAMS.iter().flat_map(|package| ["--package", package]);
    terminal.step("building the services (the first time takes minutes)");
    let built = build(["--profile", &profile].into_iter().chain(packages), "the services")?;
    let directory = built.first().and_then(|program| program.parent()).map(Path::to_path_buf);
    directory
        .filter(|_| built.len() == PROGRAMS.len())
        .ok_or_else(|| Failure::failed(format!("cargo built {} programs instead of {}", built.len(), PROGRAMS.len())))
}

/// Builds what these arguments of `cargo build` say, and says which programs there are then. `what` is for the message
/// when it fails.
pub fn build<'a>(arguments: impl IntoIterator<Item = &'a str>, what: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut cargo = cargo();
    cargo.args(["build", "--message-format", "json-render-diagnostics"]).args(arguments);
    // cargo's own progress goes to standard error: a bar on a terminal, a line for each package elsewhere.
    let mut child = cargo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let child = child.as_mut().map_err(|error| Failure::cannot(format!("cannot run cargo: {error}")))?;
    let messages = child.stdout.take().map(BufReader::new);
    let built: Vec<PathBuf> = messages
        .into_iter()
        .flat_map(|output| output.lines().map_while(Result::ok))
        .filter_map(|line| program_in(&line))
        .collect();
    if child.wait()?.success() { Ok(built) } else { Err(Failure::failed(format!("{what}: the build failed"))) }
}

/// Where the programs are when they are not built: beside this one.
pub fn built_programs() -> Result<PathBuf, Failure> {
    let directory = own_directory()?;
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !directory.join(name).is_file()).collect();
    if missing.is_empty() {
        return Ok(directory);
    }
    Err(Failure::cannot(format!("not built yet: {}; leave --no-build out once", missing.join(", "))))
}

/// cargo in the checkout, without what the cargo that runs us said about our own package.
pub fn cargo() -> Command {
    let mut cargo = Command::new(config::cargo());
    cargo.current_dir(checkout());
    for name in config::of_our_package() {
        cargo.env_remove(name);
    }
    cargo
}

/// The profile this program was built with: the name of the directory it is in, but for the oldest one.
pub fn profile() -> Result<String, Failure> {
    let directory = own_directory()?;
    let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(match name.as_str() {
        "debug" => "dev".into(),
        _ => name,
    })
}

fn own_directory() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    program.parent().map(Path::to_path_buf).ok_or_else(|| Failure::failed("this program has no directory"))
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// The program a message of cargo tells of (cargo reference, "External tools").
fn program_in(line: &str) -> Option<PathBuf> {
    serde_json::from_str::<Message>(line).ok()?.executable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_from_cargos_messages() {
        let artifact = r#"{"reason":"compiler-artifact","target":{"name":"observatory"},"executable":"/t/stack/observatory","fresh":true}"#;
        assert_eq!(program_in(artifact), Some("/t/stack/observatory".into()));
        assert_eq!(program_in(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        assert_eq!(program_in(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
