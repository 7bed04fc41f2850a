//! One run of the program.

use std::process::Command;

/// What a run said and how it ended.
pub struct Run {
    pub code: Option<i32>,
    pub said: String,
    pub complained: String,
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_oneshot")).args(arguments).env_clear().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
}
