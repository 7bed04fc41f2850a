//! The program as the Compose file runs it.

mod probe;
mod program;
mod secrets;
