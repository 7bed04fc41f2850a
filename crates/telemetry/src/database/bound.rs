//! A statement with its values, ready to run.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments, Encode, FromRow, Postgres, Type};

use super::observed::observed;
use super::{Pool, Server, Statement, Transaction};

/// A statement with its values.
#[derive(Debug)]
pub struct Bound {
    statement: &'static Statement,
    arguments: Result<PgArguments, BoxDynError>,
}

/// What a statement runs on: a [`Pool`] or a [`Transaction`].
pub trait Executor<'c>: Send {
    /// Whom the statement is sent to.
    fn server(&self) -> Server;
    /// A connection of it. For a pool this waits for a free one.
    fn connection(self) -> impl Future<Output = Result<Connection<'c>, sqlx::Error>> + Send;
}

/// A connection out of a pool, or a transaction's.
#[derive(Debug)]
pub enum Connection<'c> {
    /// Taken out of the pool for one statement.
    Pooled(sqlx::pool::PoolConnection<Postgres>),
    /// Lent by a transaction.
    Lent(&'c mut PgConnection),
}

impl Connection<'_> {
    fn as_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
        }
    }
}

impl<'c> Executor<'c> for &'c Pool {
    fn server(&self) -> Server {
        Pool::server(self).clone()
    }

    async fn connection(self) -> Result<Connection<'c>, sqlx::Error> {
        self.acquire().await.map(Connection::Pooled)
    }
}

impl<'c> Executor<'c> for &'c mut Transaction {
    fn server(&self) -> Server {
        Transaction::server(self).clone()
    }

    async fn connection(self) -> Result<Connection<'c>, sqlx::Error> {
        Ok(Connection::Lent(self.as_mut()))
    }
}

impl Bound {
    pub(super) fn new(statement: &'static Statement, arguments: PgArguments) -> Self {
        Self { statement, arguments: Ok(arguments) }
    }

    /// Adds the next value.
    pub fn bind<'v, T: Encode<'v, Postgres> + Type<Postgres>>(mut self, value: T) -> Self {
        if let Ok(arguments) = &mut self.arguments
            && let Err(error) = arguments.add(value)
        {
            self.arguments = Err(error);
        }
        self
    }

    /// The one row that there is, or none.
    ///
    /// # Errors
    /// What sqlx says: no connection, or the server refused the statement.
    pub async fn fetch_optional<'c, T>(self, executor: impl Executor<'c>) -> Result<Option<T>, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (statement, arguments) = (self.statement, self.arguments.map_err(sqlx::Error::Encode)?);
        observed(executor.server(), statement, async move {
            let mut connection = executor.connection().await?;
            sqlx::query_as_with(statement.text, arguments).fetch_optional(connection.as_mut()).await
        })
        .await
    }

    /// The one row that there has to be.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`]; [`sqlx::Error::RowNotFound`] without a row.
    pub async fn fetch_one<'c, T>(self, executor: impl Executor<'c>) -> Result<T, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.fetch_optional(executor).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn fetch_all<'c, T>(self, executor: impl Executor<'c>) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (statement, arguments) = (self.statement, self.arguments.map_err(sqlx::Error::Encode)?);
        observed(executor.server(), statement, async move {
            let mut connection = executor.connection().await?;
            sqlx::query_as_with(statement.text, arguments).fetch_all(connection.as_mut()).await
        })
        .await
    }

    /// Runs the statement for its effect.
    ///
    /// # Returns
    /// How many rows it touched.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn execute<'c>(self, executor: impl Executor<'c>) -> Result<u64, sqlx::Error> {
        let (statement, arguments) = (self.statement, self.arguments.map_err(sqlx::Error::Encode)?);
        observed(executor.server(), statement, async move {
            let mut connection = executor.connection().await?;
            let result = sqlx::query_with(statement.text, arguments).execute(connection.as_mut()).await?;
            Ok(result.rows_affected())
        })
        .await
    }
}
