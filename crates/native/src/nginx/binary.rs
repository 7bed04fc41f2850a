//! The nginx program: where it is, its version, how it is run.

use crate::{Error, Result, programs};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version the configuration is tested with: Debian 12's.
pub const OLDEST_VERSION: (u32, u32, u32) = (1, 22, 0);

/// An nginx on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nginx {
    /// The program.
    pub path: PathBuf,
    /// Its version.
    pub version: (u32, u32, u32),
}

/// The first nginx in PATH and the directories for servers; an error when there is none or it is too old.
pub fn find() -> Result<Nginx> {
    let path = programs::find("nginx")?;
    let output =
        Command::new(&path).arg("-v").output().map_err(|source| Error::Spawn { program: path.clone(), source })?;
    let printed = String::from_utf8_lossy(&output.stderr);
    let version = version_in(&printed)
        .ok_or_else(|| Error::Unusable(format!("{} does not tell its version: {}", path.display(), printed.trim())))?;
    if version < OLDEST_VERSION {
        let (major, minor, _) = OLDEST_VERSION;
        let path = path.display();
        return Err(Error::Unusable(format!("{path} is {}, the gateway needs {major}.{minor}", printed.trim())));
    }
    Ok(Nginx { path, version })
}

/// Runs the rendered configuration in the foreground, errors on standard error.
pub fn command(binary: &Path, configuration: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments(configuration));
    command
}

/// Has nginx read the configuration without running it; the error has what nginx says.
pub fn check(binary: &Path, configuration: &Path) -> Result<()> {
    let output = command(binary, configuration)
        .arg("-t")
        .output()
        .map_err(|source| Error::Spawn { program: binary.into(), source })?;
    let printed = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() && !printed.contains("[warn]") {
        return Ok(());
    }
    Err(Error::Failed { program: "nginx -t".into(), status: output.status.to_string(), output: printed })
}

/// Without `-e` nginx first opens the log file it was compiled with, which is the system's.
fn arguments(configuration: &Path) -> [OsString; 6] {
    let directory = configuration.parent().unwrap_or(Path::new("."));
    ["-e".into(), "stderr".into(), "-p".into(), directory.into(), "-c".into(), configuration.into()]
}

fn version_in(printed: &str) -> Option<(u32, u32, u32)> {
    let (_, after) = printed.split_once("nginx/")?;
    let digits = after.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let mut parts = digits.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_distributions_print() {
        assert_eq!(version_in("nginx version: nginx/1.22.1\n"), Some((1, 22, 1)));
        assert_eq!(version_in("nginx version: nginx/1.24.0 (Ubuntu)\n"), Some((1, 24, 0)));
        assert_eq!(version_in("nginx version: openresty/1.27.1.1\n"), None);
    }
}
