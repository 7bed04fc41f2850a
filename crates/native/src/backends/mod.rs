//! The real backends on this machine: OpenTelemetry Collector, Prometheus, Tempo and Loki, from the very files that the
//! Compose stack runs.
//!
//! - [`Program`]: where each program is, or how it is to be had; [`versions`] says which one this project is tested with.
//! - [`Settings`]: one set of backends on 127.0.0.1, with its [`Ports`] and the Collector's [`Extra`] files.
//! - [`collector()`], [`prometheus()`], [`tempo()`], [`loki()`]: how each is run and when it is ready.
//!
//! The files come with this program, so that it works from anywhere. The Collector's, Tempo's and Loki's stay as they are:
//! hosts, ports and folders are variables with Compose's values as defaults. Prometheus knows no variables and gets a copy
//! with this machine's addresses.

mod cache;
mod collector;
mod files;
mod loki;
mod ports;
mod program;
mod prometheus;
mod settings;
mod tempo;
pub mod versions;

pub use cache::cache_directory;
pub use collector::{Extra, collector, collector_arguments};
pub use files::{BUILDER, write as write_files};
pub use loki::loki;
pub use ports::Ports;
pub use program::Program;
pub use prometheus::prometheus;
pub use settings::{Settings, TracesTo};
pub use tempo::tempo;
