//! The pool, and what its spans say of the server.

use std::sync::Arc;
use std::time::Instant;

use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::{Error, Postgres};

use super::Transaction;
use crate::active;

/// Whom statements are sent to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server(pub(super) Arc<ServerAttributes>);

#[derive(Debug)]
pub(super) struct ServerAttributes {
    pub(super) namespace: Arc<str>,
    pub(super) address: Arc<str>,
    pub(super) port: u16,
}

/// A sqlx pool whose statements are observed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool {
    pool: PgPool,
    server: Server,
}

/// No connection could be made: nothing was sent. It comes inside of [`sqlx::Error::AnyDriverError`].
#[derive(Debug, thiserror::Error)]
#[error("no connection: {0}")]
pub struct NotConnected(#[source] Error);

impl Pool {
    /// Observes `pool`. `schema` is the second half of `db.namespace`, after the database's name.
    pub fn new(pool: PgPool, schema: &str) -> Self {
        let options = pool.connect_options();
        let server = ServerAttributes {
            namespace: format!("{}|{schema}", options.get_database().unwrap_or_default()).into(),
            address: options.get_host().into(),
            port: options.get_port(),
        };
        Self { pool, server: Server(Arc::new(server)) }
    }

    /// The pool itself, for what shall not be observed: migrations and readiness.
    pub fn unobserved(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction: a `BEGIN` span of its own.
    ///
    /// # Errors
    /// What sqlx says: no connection in time, or the server refused.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        Transaction::begin(self).await
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// A connection, and how long it took to get one.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        let begun = Instant::now();
        let connection = self.pool.acquire().await;
        if let Some(telemetry) = active::telemetry() {
            telemetry.metrics().connection_waited_for(begun.elapsed(), connection.is_ok());
        }
        connection.map_err(|error| match error {
            // Told apart from the same errors of a statement, which may have been done.
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) => Error::AnyDriverError(Box::new(NotConnected(error))),
            error => error,
        })
    }
}
