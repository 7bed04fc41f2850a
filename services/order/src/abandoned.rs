//! Orders that nobody will note the end of: the service was killed, or its database was away, between call and note.

use std::time::Duration;

use chassis::Database;

/// How often they are looked for: an order shows its true state soon after the trouble is over.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Longer than a request and its note can take (6 s and 2 s at most, by default): nothing is under way any longer.
static NOTE: &str = "UPDATE orders SET state = 'unknown', updated_at = now() \
     WHERE state = 'pending' AND created_at < now() - interval '60 seconds'";

/// Notes them as unknown, until the service ends. It belongs to no request and makes no span.
pub(crate) fn note_in_background(database: Database) {
    tokio::spawn(async move {
        while !database.pool().unobserved().is_closed() {
            // What fails here is tried again soon; readiness and requests tell what is wrong with the database.
            if database.ready().await.is_ok()
                && let Ok(noted) = sqlx::query(NOTE).execute(database.pool().unobserved()).await
                && noted.rows_affected() > 0
            {
                tracing::warn!(orders = noted.rows_affected(), "orders were abandoned; their outcome is unknown");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
}
