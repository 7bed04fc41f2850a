//! Where a spool is, and what it is of.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Where a signal's spool is, and how large it may be.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder of this service and signal.
    pub(crate) directory: PathBuf,
    pub(crate) max_bytes: u64,
    /// Waits until the disk has what is written to a file; tests have slower disks.
    pub(crate) sync: fn(&File) -> io::Result<()>,
}

impl Place {
    pub(crate) fn new(directory: impl Into<PathBuf>, max_bytes: u64) -> Self {
        Self { directory: directory.into(), max_bytes, sync: File::sync_data }
    }
}
