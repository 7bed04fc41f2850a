//! The observatory as a black box, through real sockets.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, which is all it has to do")]

mod api;
mod eviction;
mod grpc;
mod http;
mod large;
mod limits;
mod observatory;
mod page;
mod requests;
mod stop;
