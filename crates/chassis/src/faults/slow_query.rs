//! A statement that takes its time, on the service's own connection: it has its span, its metric and its limit as any other.

use std::time::Duration;

use telemetry::database::Statement;

use crate::database::{Database, Failure};
use crate::deadline::Deadline;

static SLEEP: Statement =
    Statement { operation: "SELECT", collection: "", summary: "SELECT pg_sleep", text: "SELECT pg_sleep($1)" };

/// Runs for this long, or until the service's limit for statements ends it.
///
/// # Errors
/// As a statement of the service's own that takes too long.
pub(super) async fn run(database: &Database, deadline: &Deadline, time: Duration) -> Result<(), Failure> {
    let statement = SLEEP.bind(time.as_secs_f64()).execute(database.pool());
    database.attempt(deadline, statement).await.map(|_| ())
}
