//! Passwords.

use crate::owner::FileError;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// 192 bits: beyond guessing.
const PASSWORD_BYTES: usize = 24;

/// A fresh password in lower-case hexadecimal digits, which need no quoting in a URL, in SQL or in a file of psql's.
pub fn password() -> Result<String, FileError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; PASSWORD_BYTES];
    File::open(source).and_then(|mut random| random.read_exact(&mut bytes)).map_err(FileError::at(source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
