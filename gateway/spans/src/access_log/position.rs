//! The noted place: per file its inode, which a rename does not change, and how far it was read.

use super::reader::Reader;
use crate::notice;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// How far each file was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    files: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    inode: u64,
    offset: u64,
}

impl Position {
    /// Reads the note. One that cannot be read is as none: spans are rather repeated, with the same ids, than lost.
    pub fn load(path: &Path) -> Self {
        let Ok(text) = fs::read(path) else { return Self::default() };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            notice::warn("the noted place in the access log is unreadable", &[("error", error.to_string().into())]);
            Self::default()
        })
    }

    /// How far these files were read.
    pub fn of<'a>(files: impl Iterator<Item = &'a Reader>) -> Self {
        Self { files: files.map(|file| Place { inode: file.inode(), offset: file.offset() }).collect() }
    }

    /// One file.
    pub fn at(inode: u64, offset: u64) -> Self {
        Self { files: vec![Place { inode, offset }] }
    }

    /// How far this file was read, if it is noted.
    pub fn offset(&self, inode: u64) -> Option<u64> {
        self.files.iter().find(|place| place.inode == inode).map(|place| place.offset)
    }

    /// Replaces the note at once: it is never half written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        fs::write(&unfinished, serde_json::to_vec(self)?)?;
        fs::rename(&unfinished, path)
    }
}
