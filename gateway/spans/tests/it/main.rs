//! The gateway on stock nginx as a black box: the real nginx with the rendered configuration, and gateway-spans behind
//! its log.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

/// What is expected of the gateway whatever its main is: `tests/otel` runs the same.
macro_rules! expectations {
    ($($name:ident,)*) => {
        mod tests {
            $(#[test] fn $name() { super::$name(); })*
        }
    };
}
pub(crate) use expectations;

mod behind;
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

mod access_log;
mod container;
mod delivery;
mod log_file;
mod program;
mod rotation;
mod spans;
