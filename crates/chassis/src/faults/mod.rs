//! Faults on purpose, for those who learn to find them: off unless `FAULTS=1`, and then asked for on a private port.
//!
//! | module | what it is |
//! |---|---|
//! | [`board`] | which faults are on, and until when |
//! | [`inject`] | the middleware around handlers: what a fault does to a request |
//! | [`slow_query`], [`held`] | the two that need the database |
//! | [`listener`], [`routes`] | the private port, and what it answers |
//! | [`gauge`] | the metric that says what is on |
//!
//! Where they are off there is no port, no middleware, and no metric of them.

mod active;
mod board;
mod gauge;
mod held;
mod inject;
mod listener;
mod routes;
mod slow_query;

pub(crate) use inject::inject;
pub(crate) use listener::Listener;
