//! The whole chain as a black box: a real nginx, its spans, three services, a real PostgreSQL, a real trace backend.

mod context;
mod database_away;
mod failures;
mod faults;
mod fourth_service;
mod gateway;
mod harness;
mod outlines;
mod over;
mod panic;
mod privacy;
mod refusals;
mod sampling;
mod success;
