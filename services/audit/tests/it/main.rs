//! The audit service through HTTP, on a real PostgreSQL and with a real trace backend.

mod away;
mod description;
mod permissions;
mod process;
mod records;
mod refusals;
mod service;
mod traces;
