//! A statement with its values, ready to run.

use futures_util::{FutureExt, TryStreamExt};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments, Encode, Error, FromRow, Postgres, Type};

use super::Statement;
use super::executor::Executor;
use super::operation::Operation;

/// A statement with its values.
#[derive(Debug)]
pub struct Bound {
    statement: &'static Statement,
    arguments: Result<PgArguments, BoxDynError>,
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

    /// The first row, or none.
    ///
    /// # Errors
    /// What sqlx says: no connection, or the server refused the statement.
    pub async fn fetch_optional<'c, T>(self, executor: impl Executor<'c>) -> Result<Option<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = self.statement.text;
        let (arguments, mut operation, lent) = self.begin(executor)?;
        let mut connection = operation.connection(lent).await?;
        let result = sqlx::query_as_with(text, arguments).fetch_optional(connection.as_mut()).await;
        operation.end(&result);
        result
    }

    /// The first row, which has to be there. That it is not is no error of the statement: its span does not say so.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`]; [`sqlx::Error::RowNotFound`] without a row.
    pub fn fetch_one<'c, T>(self, executor: impl Executor<'c>) -> impl Future<Output = Result<T, Error>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        // No `async` function: that would keep the statement twice, here and in what it waits for.
        self.fetch_optional(executor).map(|row| row?.ok_or(Error::RowNotFound))
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn fetch_all<'c, T>(self, executor: impl Executor<'c>) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = self.statement.text;
        let (arguments, mut operation, lent) = self.begin(executor)?;
        let mut connection = operation.connection(lent).await?;
        let result = sqlx::query_as_with(text, arguments).fetch_all(connection.as_mut()).await;
        operation.end(&result);
        result
    }

    /// Each row as it comes, for results that are not to be held in memory. The span ends with the last one.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`]; and what `take` returns, which ends the statement.
    pub async fn fetch_each<'c, T>(
        self,
        executor: impl Executor<'c>,
        mut take: impl FnMut(T) -> Result<(), Error> + Send,
    ) -> Result<(), Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = self.statement.text;
        let (arguments, mut operation, lent) = self.begin(executor)?;
        let mut connection = operation.connection(lent).await?;
        let mut result = Ok(());
        {
            let mut rows = sqlx::query_as_with(text, arguments).fetch(connection.as_mut());
            while result.is_ok() {
                match rows.try_next().await {
                    Ok(Some(row)) => result = take(row),
                    Ok(None) => break,
                    Err(error) => result = Err(error),
                }
            }
        }
        operation.end(&result);
        result
    }

    /// The first column of the first row, which has to be there.
    ///
    /// # Errors
    /// As [`Bound::fetch_one`].
    pub async fn fetch_scalar<'c, T>(self, executor: impl Executor<'c>) -> Result<T, Error>
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        self.fetch_one::<(T,)>(executor).await.map(|(value,)| value)
    }

    /// The first column of the first row, or none.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn fetch_optional_scalar<'c, T>(self, executor: impl Executor<'c>) -> Result<Option<T>, Error>
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        Ok(self.fetch_optional::<(T,)>(executor).await?.map(|(value,)| value))
    }

    /// The first column of all rows.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn fetch_all_scalars<'c, T>(self, executor: impl Executor<'c>) -> Result<Vec<T>, Error>
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        Ok(self.fetch_all::<(T,)>(executor).await?.into_iter().map(|(value,)| value).collect())
    }

    /// Runs the statement for its effect.
    ///
    /// # Returns
    /// How many rows it touched.
    ///
    /// # Errors
    /// As [`Bound::fetch_optional`].
    pub async fn execute<'c>(self, executor: impl Executor<'c>) -> Result<u64, Error> {
        let text = self.statement.text;
        let (arguments, mut operation, lent) = self.begin(executor)?;
        let mut connection = operation.connection(lent).await?;
        let result = sqlx::query_with(text, arguments).execute(connection.as_mut()).await;
        operation.end(&result);
        Ok(result?.rows_affected())
    }

    /// Not `async`: what is handed through futures by value is copied by each of them.
    #[inline]
    fn begin<'c>(
        self,
        executor: impl Executor<'c>,
    ) -> Result<(PgArguments, Operation<'c>, Option<&'c mut PgConnection>), Error> {
        let arguments = self.arguments.map_err(Error::Encode)?;
        let (pool, lent) = executor.into_parts();
        Ok((arguments, Operation::new(pool, self.statement), lent))
    }
}
