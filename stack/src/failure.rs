//! Why a verb did not do what it was asked, and the exit code that says so.

use std::fmt;

/// The verb ran and found errors, broken traces or failed tests, or something broke on the way.
pub const FAILED: u8 = 1;
/// It could not begin: bad usage, a missing program, an occupied port. clap uses the same code.
pub const CANNOT: u8 = 2;
/// Ended by Ctrl-C before it was done (128 + SIGINT).
pub const INTERRUPTED: u8 = 130;

/// What a verb ends with when all went well, or another code that needs no message.
pub type Outcome = Result<u8, Failure>;

/// A message for the person at the terminal and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// One or more lines, without a colour.
    pub message: String,
}

impl Failure {
    /// It broke on the way.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: FAILED, message: message.into() }
    }

    /// It could not begin.
    pub fn cannot(message: impl Into<String>) -> Self {
        Self { code: CANNOT, message: message.into() }
    }

    /// No stack runs from this state directory.
    pub fn nothing_runs() -> Self {
        Self::failed("nothing is running; start it with: cargo stack up")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<native::Error> for Failure {
    fn from(error: native::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}
