//! Real processes and a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod death;
mod postgres;
mod processes;
mod supervision;

use std::time::Duration;

/// Far beyond what anything here takes; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(60);

/// A shell script as a process.
fn shell(script: &str) -> native::process::Spec {
    native::process::Spec::new("script", "/bin/sh").args(["-c", script])
}
