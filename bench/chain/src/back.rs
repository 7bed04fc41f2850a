//! The pool of the back, without anything around it.

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// As many as requests are under way at a time: nobody waits for one.
const CONNECTIONS: u32 = 16;

/// What both programs ask PostgreSQL with. It connects when it is first used.
///
/// # Errors
/// When the URL is none of PostgreSQL's.
pub fn pool(url: &str) -> sqlx::Result<PgPool> {
    PgPoolOptions::new().max_connections(CONNECTIONS).connect_lazy(url)
}
