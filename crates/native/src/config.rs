//! What this crate reads from the environment.

use std::ffi::OsString;

/// Where a shell without a PATH would look.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The directories programs are looked for in.
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into())
}
