//! The gateway as a black box: the real nginx with the rendered configuration, and gateway-spans behind its log.

mod client;
mod nginx;
mod stub;
mod wait;

mod errors;
mod forwarding;
mod inbound_trace;
mod limits;
mod sampling;
mod unanswered;
