//! Users and groups by number: a container's image need not know their names.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A user and a group, such as `999:999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    gid: u32,
}

/// A name or a path and whose it is, such as `user=5001:5001`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// What is left of the `=`.
    pub name: String,
    /// What is right of it.
    pub owner: Owner,
}

/// A file or folder that is not as it has to be.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct FileError {
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    /// For `map_err`: what went wrong with this path.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { path, source }
    }
}

impl Owner {
    /// Gives the path to this user, with this mode and no other.
    pub fn take(self, path: &Path, mode: u32) -> Result<(), FileError> {
        // The mode first: what was given away can only be changed with one more capability.
        fs::set_permissions(path, Permissions::from_mode(mode))
            .and_then(|()| chown(path, Some(self.uid), Some(self.gid)))
            .map_err(FileError::at(path))
    }
}

impl FromStr for Owner {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
        numbers.map(|(uid, gid)| Self { uid, gid }).ok_or("must be two numbers such as 999:999")
    }
}

impl FromStr for Owned {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, owner) =
            text.rsplit_once('=').ok_or("must be a name or path with its user, such as user=5001:5001")?;
        Ok(Self { name: name.to_owned(), owner: owner.parse()? })
    }
}
