//! The program as the Compose file runs it.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod probe;
mod program;
mod secrets;
