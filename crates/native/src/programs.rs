//! Where a program is on this machine.

use crate::{Error, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where Debian puts servers; an ordinary user's PATH often leaves it out.
const SERVER_DIRECTORIES: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// The first executable file of this name in PATH, then among the directories for servers.
pub fn find(name: &str) -> Result<PathBuf> {
    let path = crate::config::search_path();
    std::env::split_paths(&path)
        .chain(SERVER_DIRECTORIES.iter().map(PathBuf::from))
        .map(|directory| directory.join(name))
        .find(|candidate| is_executable(candidate))
        .ok_or_else(|| Error::Missing { program: name.into(), looked_in: path.to_string_lossy().into_owned() })
}

/// Whether the path is a file that may be executed.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
