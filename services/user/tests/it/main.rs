//! The user service through HTTP, on a real PostgreSQL and with a real trace backend.

mod away;
mod binary;
mod description;
mod metrics;
mod migration;
mod next_hop;
mod process;
mod profile;
mod refusals;
mod sampling;
mod secrecy;
mod service;
mod traces;
mod users;
