//! The programs a stack needs besides its own: nginx, and PostgreSQL's server and client.

use crate::failure::Failure;
use crate::terminal::Terminal;
use native::postgres::Binaries;
use native::programs;
use std::io::Write;
use std::process::{Command, Stdio};

/// Installs packages without starting their servers and leaves no other trace.
const INSTALL: &str = include_str!("install.sh");

/// What is missing, by the Debian packages that bring it; `a|b` is the first of them that exists.
fn missing() -> Result<Vec<&'static str>, Failure> {
    let mut packages = Vec::new();
    match native::nginx::find() {
        Err(native::Error::Missing { .. }) => packages.push("nginx-light|nginx"),
        found => drop(found.map_err(|error| Failure::cannot(error.to_string()))?),
    }
    match Binaries::find() {
        Err(native::Error::Missing { .. }) => packages.push("postgresql"),
        found => drop(found.map_err(|error| Failure::cannot(error.to_string()))?),
    }
    Ok(packages)
}

/// What `cargo stack bench` counts instructions with, where it is missing.
fn missing_valgrind() -> Result<Vec<&'static str>, Failure> {
    let found = ["valgrind", "callgrind_control"].iter().all(|name| programs::find(name).is_ok());
    Ok(if found { Vec::new() } else { vec!["valgrind"] })
}

/// What `cargo stack screenshots` opens the page with, where it is missing.
fn missing_chromium() -> Result<Vec<&'static str>, Failure> {
    Ok(if programs::find("chromium").is_ok() { Vec::new() } else { vec!["chromium"] })
}

/// Installs nginx and PostgreSQL, where they are missing and we may; otherwise says the command that does.
pub fn ensure(terminal: &Terminal) -> Result<(), Failure> {
    ensure_all(terminal, missing)
}

/// The same for valgrind.
pub fn ensure_valgrind(terminal: &Terminal) -> Result<(), Failure> {
    ensure_all(terminal, missing_valgrind)
}

/// The same for a browser.
pub fn ensure_chromium(terminal: &Terminal) -> Result<(), Failure> {
    ensure_all(terminal, missing_chromium)
}

fn ensure_all(terminal: &Terminal, missing: fn() -> Result<Vec<&'static str>, Failure>) -> Result<(), Failure> {
    let packages = missing()?;
    if packages.is_empty() {
        return Ok(());
    }
    let Some(shell) = shell_as_root() else {
        return Err(Failure::cannot(advice(&packages)));
    };
    terminal.step(format!("installing {} (apt-get)", packages.join(", ")));
    if let Err(reason) = install(shell, &packages) {
        return Err(Failure::cannot(format!("{reason}\n{}", advice(&packages))));
    }
    let still_missing = missing()?;
    if still_missing.is_empty() { Ok(()) } else { Err(Failure::cannot(advice(&still_missing))) }
}

fn advice(packages: &[&str]) -> String {
    let names: Vec<&str> = packages.iter().map(|names| names.split('|').next_back().unwrap_or(names)).collect();
    format!("missing: {}\ninstall with: sudo apt-get install {}", names.join(", "), names.join(" "))
}

/// A shell that may install packages: ours when we are root, sudo's when it asks for no password.
fn shell_as_root() -> Option<Command> {
    programs::find("apt-get").ok()?;
    let shell = ["sh", "-s", "--"];
    if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("sh");
        command.args(&shell[1..]);
        return Some(command);
    }
    let sudo = programs::find("sudo").ok()?;
    let allowed = Command::new(&sudo).args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    allowed.is_ok_and(|status| status.success()).then(|| {
        let mut command = Command::new(sudo);
        command.arg("-n").args(shell);
        command
    })
}

fn install(mut shell: Command, packages: &[&str]) -> Result<(), String> {
    let mut child =
        shell.args(packages).stdin(Stdio::piped()).spawn().map_err(|error| format!("cannot start a shell: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(INSTALL.as_bytes()).map_err(|error| format!("cannot talk to the shell: {error}"))?;
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the packages could not be installed ({status})")),
        Err(error) => Err(format!("the shell was lost: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_command_to_paste() {
        let advice = advice(&["nginx-light|nginx", "postgresql"]);
        assert!(advice.ends_with("sudo apt-get install nginx postgresql"), "{advice}");
    }

    #[test]
    fn the_installing_script_is_valid_shell() {
        let mut shell = Command::new("sh").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(INSTALL.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
    }
}
