//! A transaction with spans for its beginning and its end.

use sqlx::{Connection as _, Error, PgConnection, Postgres};

use super::observed::observed;
use super::{Pool, Server, Statement};

static BEGIN: Statement = Statement { operation: "BEGIN", collection: "", summary: "BEGIN", text: "BEGIN" };
static COMMIT: Statement = Statement { operation: "COMMIT", collection: "", summary: "COMMIT", text: "COMMIT" };
static ROLLBACK: Statement = Statement { operation: "ROLLBACK", collection: "", summary: "ROLLBACK", text: "ROLLBACK" };

/// An open transaction. Dropped without [`Transaction::commit`], it is rolled back by the pool when the connection is
/// next used; [`Transaction::rollback`] does it at once, with a span.
#[derive(Debug)]
pub struct Transaction {
    transaction: sqlx::Transaction<'static, Postgres>,
    server: Server,
}

impl Transaction {
    pub(super) async fn begin(pool: &Pool) -> Result<Self, Error> {
        let server = pool.server().clone();
        let transaction = observed(server.clone(), &BEGIN, async {
            // Taken here so that the wait for it is measured like every other.
            let connection = pool.acquire().await?;
            sqlx::Transaction::begin(connection, None).await
        })
        .await?;
        Ok(Self { transaction, server })
    }

    /// Makes what was done last.
    ///
    /// # Errors
    /// What sqlx says. When the connection was lost on the way, it may have been done all the same.
    pub async fn commit(self) -> Result<(), Error> {
        observed(self.server, &COMMIT, self.transaction.commit()).await
    }

    /// Undoes what was done.
    ///
    /// # Errors
    /// What sqlx says; the server undoes it all the same when the connection is gone.
    pub async fn rollback(self) -> Result<(), Error> {
        observed(self.server, &ROLLBACK, self.transaction.rollback()).await
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) fn as_mut(&mut self) -> &mut PgConnection {
        // A transaction's connection is there until it ends, which consumes it.
        let connection: &mut PgConnection = &mut self.transaction;
        debug_assert!(connection.is_in_transaction());
        connection
    }
}
