//! The pool of the back, without anything around it.

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// As many as requests are under way at a time: nobody waits for one.
const CONNECTIONS: u32 = 16;

/// What both programs ask PostgreSQL with. All connections are there when it is: one that is made later costs as much as
/// a hundred requests, and would be counted to whichever mode it fell to.
///
/// # Errors
/// When the URL is none of PostgreSQL's, or nobody is there.
pub async fn pool(url: &str) -> sqlx::Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).min_connections(CONNECTIONS).connect(url).await?;
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        all.push(pool.acquire().await?);
    }
    Ok(pool)
}
