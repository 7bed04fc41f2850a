//! A transaction with spans for its beginning and its end.

use opentelemetry::trace::SpanContext;
use sqlx::{Error, PgConnection, Postgres};

use super::executor::Connection;
use super::operation::Operation;
use super::{Pool, Statement};
use crate::active;
use crate::clock::Moment;
use crate::metrics::Took;
use crate::pipeline::Telemetry;

static BEGIN: Statement = Statement { operation: "BEGIN", collection: "", summary: "BEGIN", text: "BEGIN" };
static COMMIT: Statement = Statement { operation: "COMMIT", collection: "", summary: "COMMIT", text: "COMMIT" };
static ROLLBACK: Statement = Statement { operation: "ROLLBACK", collection: "", summary: "ROLLBACK", text: "ROLLBACK" };

/// An open transaction. Dropped without [`Transaction::commit`], it is rolled back by the pool when the connection is
/// next used; [`Transaction::rollback`] does it at once, with a span.
#[derive(Debug)]
pub struct Transaction {
    transaction: sqlx::Transaction<'static, Postgres>,
    held: Held,
}

impl Transaction {
    pub(super) async fn begin(pool: &Pool) -> Result<Self, Error> {
        let mut operation = Operation::first(pool, &BEGIN);
        let connection = operation.connection(None).await?;
        let held = Held { pool: pool.clone(), telemetry: active::telemetry(), since: Moment::now() };
        let Connection::Pooled(connection) = connection else { return Err(Error::PoolClosed) };
        let result = sqlx::Transaction::begin(connection, None).await;
        operation.end(&result);
        Ok(Self { transaction: result?, held })
    }

    /// Makes what was done last.
    ///
    /// # Errors
    /// What sqlx says. When the connection was lost on the way, it may have been done all the same.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { transaction, held } = self;
        let operation = Operation::on(&held.pool, &COMMIT);
        let result = transaction.commit().await;
        operation.end(&result);
        result
    }

    /// Undoes what was done.
    ///
    /// # Errors
    /// What sqlx says; the server undoes it all the same when the connection is gone.
    pub async fn rollback(self) -> Result<(), Error> {
        let Self { transaction, held } = self;
        let operation = Operation::on(&held.pool, &ROLLBACK);
        let result = transaction.rollback().await;
        operation.end(&result);
        result
    }

    pub(super) fn parts(&mut self) -> (&Pool, &mut PgConnection) {
        (&self.held.pool, &mut self.transaction)
    }
}

/// A connection that is out of its pool.
#[derive(Debug)]
struct Held {
    pool: Pool,
    telemetry: Option<Telemetry>,
    since: Moment,
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(telemetry) = &self.telemetry else { return };
        if let Some(pool) = self.pool.counted(telemetry) {
            telemetry.metrics().recorder_of(&pool).used(Took::since(self.since, &SpanContext::NONE));
        }
    }
}
