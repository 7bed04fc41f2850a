//! The two-service chain that `cargo stack bench telemetry` measures: `front` answers `GET /orders/{id}` by asking `back`,
//! `back` by asking PostgreSQL.
//!
//! There are two programs of it, equal but for one thing: `bench-untraced` names nothing of telemetry, so its linker keeps
//! nothing of it; `bench-traced` has this project's middlewares around server, client and pool. What both do is here.
//!
//! `bench-spans` makes spans at a steady rate and says what became of them.

pub mod back;
pub mod front;
pub mod invocation;
mod order;
mod serve;

pub use invocation::{Invocation, Role};
pub use order::{ORDER_BY_ID, Order};
pub use serve::serve;
