//! The crate against opentelemetry-proto, which is the reference for the wire format.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, which is all it has to do")]

mod arbitrary;
mod encode;
mod id;
mod json;
mod logs;
mod metrics;
mod rebuild;
mod tree;
mod walk;
