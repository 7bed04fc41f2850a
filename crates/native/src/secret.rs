//! Random secrets and files that only their owner reads.

use crate::{Error, Result};
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// 192 bits: beyond guessing, and short enough for a connection URL.
const SECRET_BYTES: usize = 24;

/// A fresh secret as lower-case hex, which needs no quoting in a URL, in SQL or in a shell.
pub(crate) fn generate() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(Error::file("read", "/dev/urandom"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file of mode 0600, whole or not at all.
pub(crate) fn write(path: &Path, content: &str) -> Result<()> {
    let partial = path.with_extension("partial");
    // A leftover of an interrupted write would keep its own mode.
    let _ = fs::remove_file(&partial);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .and_then(|()| fs::rename(&partial, path))
        .map_err(Error::file("write", path))
}
