//! Connections that are taken out of the pool, with which nothing is done.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::PgPool;

/// Between two tries for a connection: a pool that is busy has one soon, and a database that is away refuses at once.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// Takes so many, as they come free, and keeps them until it is dropped; `taken` says how many these are so far.
pub(super) async fn hold(pool: &PgPool, connections: u32, taken: &AtomicU32) -> Infallible {
    let mut held = Vec::new();
    for _ in 0..connections {
        loop {
            match pool.acquire().await {
                Ok(connection) => {
                    held.push(connection);
                    taken.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                Err(_) => tokio::time::sleep(TRY_EVERY).await,
            }
        }
    }
    std::future::pending().await
}
