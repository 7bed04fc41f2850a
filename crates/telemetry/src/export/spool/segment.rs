//! One file of a spool: what is known of it without reading it, and how it is read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::frame::{self, Found};

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Those that wait in it.
    pub(super) records: u64,
}

/// A segment that is read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) contents: Bytes,
    /// Where the next frame is.
    pub(super) at: usize,
    /// Where the frame is that was given out, and how many records it has.
    pub(super) given: Option<(usize, u64)>,
}

impl Segment {
    /// One that is there, with what waits in it.
    pub(super) fn found(path: &Path) -> io::Result<Self> {
        let contents = read(path)?;
        Ok(Self { path: path.to_owned(), bytes: contents.len() as u64, records: waiting(&contents) })
    }

    /// Whether anything of it can be read now.
    pub(super) fn is_readable(&self) -> bool {
        // To open it says little: the disk is asked for its contents only.
        File::open(&self.path).and_then(|mut file| file.read(&mut [0])).is_ok()
    }

    /// Marks the frame at this place as answered for.
    pub(super) fn mark(&self, at: usize) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        file.seek(SeekFrom::Start((at + frame::STATE_AT) as u64))?;
        file.write_all(&[frame::ANSWERED])
    }
}

/// The whole of a file. An error says which one it is.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Records of a segment that are not answered for, as far as they can be counted.
pub(super) fn waiting(contents: &[u8]) -> u64 {
    let (mut records, mut at) = (0, 0);
    while let Some((found, next)) = frame::next(contents, at) {
        at = next;
        records += match found {
            Found::Whole { records, answered: false, .. } => u64::from(records),
            Found::Whole { .. } => 0,
            Found::Broken { records, .. } => u64::from(records.unwrap_or_default()),
        };
    }
    records
}
