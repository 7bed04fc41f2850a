//! Statements and pools, against a real PostgreSQL.

mod defects;
mod ends;
mod pool;
mod rows;
mod service;
