//! What can go wrong with a native process, worded for the person at the terminal.

use std::path::PathBuf;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a native process, cluster or directory could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program is not installed.
    #[error("{program} is not installed (looked in {looked_in})")]
    Missing {
        /// The program's name.
        program: String,
        /// Where it was looked for.
        looked_in: String,
    },
    /// The program of a backend is not installed.
    #[error("{program} is not installed (looked in {looked_in}); it comes from: {cure}")]
    NotInstalled {
        /// The program's name.
        program: String,
        /// Where it was looked for.
        looked_in: String,
        /// Where it comes from.
        cure: &'static str,
    },
    /// A file or directory operation failed.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program ran and failed.
    #[error("{program} failed ({status}): {output}")]
    Failed {
        /// The program.
        program: String,
        /// Its exit code or signal.
        status: String,
        /// The end of what it printed.
        output: String,
    },
    /// A process did not become ready within its limit.
    #[error("{name} was not ready after {seconds} s: {reason}")]
    NotReady {
        /// The process.
        name: String,
        /// The limit.
        seconds: u64,
        /// What the last check said.
        reason: String,
    },
    /// Something about this machine stands in the way.
    #[error("{0}")]
    Unusable(String),
}

impl Error {
    /// Names the path an input or output error is about.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
