//! Calls of `docker`.

use std::process::{Command, Output, Stdio};

/// The client with the engine that it speaks to.
#[derive(Debug, Clone, Default)]
pub struct Docker {
    /// `DOCKER_HOST`, where it is not the usual one.
    pub host: Option<String>,
}

impl Docker {
    /// A call that is not made yet, in the checkout.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(arguments).current_dir(native::state::checkout()).stdin(Stdio::null());
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
        command
    }

    /// What it says on standard output; the error is what it says on standard error.
    pub fn ask(&self, arguments: &[&str]) -> Result<String, String> {
        said(self.command(arguments))
    }
}

/// Runs it to its end; both outputs are kept.
pub fn said(mut command: Command) -> Result<String, String> {
    let Output { status, stdout, stderr } = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if status.success() { Ok(text(stdout)) } else { Err(format!("{command:?}: {status}:\n{}", text(stderr))) }
}

/// Runs it to its end; what it says is shown as it comes, for what takes minutes.
pub fn shown(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}
