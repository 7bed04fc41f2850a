//! The gateway as a black box: the real nginx with the rendered configuration, and gateway-spans behind its log.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod client;
mod collector;
mod nginx;
mod stub;
mod wait;

mod errors;
mod forwarding;
mod inbound_trace;
mod limits;
mod sampling;
mod unanswered;

mod delivery;
mod log_file;
mod program;
mod rotation;
mod spans;
