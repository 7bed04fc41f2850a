//! Native processes on this machine: what the stack tool and the test kit both need.
//!
//! - [`process`]: a child in a process group of its own, its rotated log, its supervision and restart.
//! - [`postgres`]: a PostgreSQL cluster of our own; the system's is never touched.
//! - [`nginx`]: the gateway's configuration, rendered for this machine.
//! - [`backends`]: Collector, Prometheus, Tempo and Loki, where their programs are there.
//! - [`ports`]: who holds an occupied port.
//! - [`state`]: where a checkout keeps its data.
//!
//! Everything here blocks and runs on plain threads: a test's async runtime ends with the test, a cluster
//! shared by all tests of a process must not end with it.

pub mod backends;
pub mod nginx;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod programs;
pub mod state;

mod config;
mod error;
mod secret;

pub use error::{Error, Result};
