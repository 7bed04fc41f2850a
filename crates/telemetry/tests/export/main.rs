//! Spans on their way out: what arrives, and what becomes of it where the receiver is slow, silent, wrong or away.

mod arbitrary;
mod collectors;
mod equality;
mod gauge;
mod ledger;
mod limits;
mod log;
mod memory;
mod pipeline;
mod report;
mod request;
mod retry;
mod runtimes;
mod sampling;
mod signals;
mod sigterm;
mod slow;
mod spool;
mod tls;
mod transports;
