//! What a statement runs on.

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;

use super::{Pool, Transaction};

/// What a statement runs on: a [`Pool`] or a [`Transaction`].
pub trait Executor<'c>: Send {
    /// The pool, and the connection where there is one already. Without one the statement takes one out of the pool.
    fn into_parts(self) -> (&'c Pool, Option<&'c mut PgConnection>);
}

impl<'c> Executor<'c> for &'c Pool {
    fn into_parts(self) -> (&'c Pool, Option<&'c mut PgConnection>) {
        (self, None)
    }
}

impl<'c> Executor<'c> for &'c mut Transaction {
    fn into_parts(self) -> (&'c Pool, Option<&'c mut PgConnection>) {
        let (pool, connection) = self.parts();
        (pool, Some(connection))
    }
}

/// A connection out of a pool, or a transaction's.
#[derive(Debug)]
pub(super) enum Connection<'c> {
    /// Taken out of the pool for one statement.
    Pooled(PoolConnection<Postgres>),
    /// Lent by a transaction.
    Lent(&'c mut PgConnection),
}

impl Connection<'_> {
    pub(super) fn as_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
        }
    }
}
