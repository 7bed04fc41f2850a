//! The order service through HTTP, on a real PostgreSQL and with a real trace backend.

mod abandoned;
mod away;
mod description;
mod end;
mod orders;
mod process;
mod refusals;
mod service;
mod traces;
