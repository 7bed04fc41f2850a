//! The crate against opentelemetry-proto, which is the reference for the wire format.

mod encode;
mod id;
