//! The service's schema: its pool, its migrations, and what a failure means for the caller.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use telemetry::database::Pool;
use tokio::sync::watch;

use crate::config::DatabaseConfig;
use crate::deadline::Deadline;
use crate::problem::{Kind, Problem};

mod failure;
mod migration;

pub use failure::{Failure, violates};
use migration::Migrated;

/// A request waits for a connection for this part of what a statement may take: a database that is away is then told as
/// such, and before the caller's patience ends.
const ACQUIRE_PART: u32 = 2;
/// An idle connection is closed after this; it would only hold memory on the server.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// A connection that was used this short a time ago is taken to be alive: asking costs as much as a statement does, and a
/// busy service would ask before each one. A server that went away in between costs one refusal a connection.
const TRUSTED_IDLE: Duration = Duration::from_millis(500);
/// How long the readiness check waits: shorter than the checks of container engines.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the end of a service waits for its connections to close: they are idle by then.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// A transaction that its service has forgotten may hold its locks this long.
const IDLE_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// The service's schema. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    timeout: Duration,
    migrated: watch::Receiver<Migrated>,
}

impl Database {
    /// Begins to connect, and to migrate where the configuration has the owner's role. Neither is waited for: a service
    /// starts without its database, says so in its readiness, and is ready when the database is.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(config: &DatabaseConfig, schema: &str, migrations: Migrator) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.timeout / ACQUIRE_PART)
            .idle_timeout(IDLE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, found| {
                Box::pin(async move {
                    if found.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_release(|connection, _| {
                Box::pin(async move {
                    // A statement that was given up may leave a connection whose peer is silent for good. Without a limit it
                    // would be waited for, and its place in the pool with it.
                    match tokio::time::timeout(PING_TIMEOUT, connection.ping()).await {
                        Ok(Ok(())) => Ok(true),
                        _ => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
                    }
                })
            })
            .connect_lazy_with(limited(config.runtime.clone(), config.timeout));
        let migrated = migration::start(config.owner.clone(), schema, Arc::new(migrations));
        Self { pool: Pool::new(pool, schema), timeout: config.timeout, migrated }
    }

    /// What statements run on.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// How long a statement may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How many connections the pool may have.
    pub(crate) fn most_connections(&self) -> u32 {
        self.pool.unobserved().options().get_max_connections()
    }

    /// Runs work that has done nothing when it fails: reading, or a part of a transaction before its commit.
    ///
    /// # Errors
    /// 503 when the database is away or too slow; what the server refused otherwise.
    pub async fn attempt<T>(
        &self,
        deadline: &Deadline,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        self.limited(deadline, Box::pin(work)).await.map_err(Failure::nothing_done)
    }

    /// Runs work that may have been done although it fails: a commit, or a single statement that writes.
    ///
    /// # Errors
    /// 504 when the connection or the patience was lost on the way; otherwise as [`Database::attempt`].
    pub async fn commit<T>(
        &self,
        deadline: &Deadline,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        self.limited(deadline, Box::pin(work)).await.map_err(Failure::perhaps_done)
    }

    /// `work` comes boxed: each future on its way would copy it otherwise.
    async fn limited<T>(
        &self,
        deadline: &Deadline,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, failure::Cause> {
        if let Migrated::NotYet(reason) = &*self.migrated.borrow() {
            return Err(failure::Cause::NotReady(reason.clone()));
        }
        let left = deadline.left();
        if left.is_zero() {
            return Err(failure::Cause::OutOfTime);
        }
        let limit = self.timeout.min(left);
        // Statements that this ends say so.
        match telemetry::database::within(limit, work).await {
            Ok(result) => result.map_err(failure::Cause::Sqlx),
            Err(_) => Err(failure::Cause::TimedOut),
        }
    }

    /// Whether the service can do its work with this database, and if not, why.
    ///
    /// # Errors
    /// The reason in a sentence.
    pub async fn ready(&self) -> Result<(), String> {
        if let Migrated::NotYet(reason) = &*self.migrated.borrow() {
            return Err(reason.clone());
        }
        let ping = async { sqlx::query("SELECT 1").execute(self.pool.unobserved()).await };
        match tokio::time::timeout(PING_TIMEOUT, ping).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!("the database cannot be reached: {error}")),
            Err(_) => Err(format!("the database did not answer within {} s", PING_TIMEOUT.as_secs())),
        }
    }

    /// Closes the pool's connections. A peer that is silent is not waited for.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_TIMEOUT, self.pool.unobserved().close()).await.is_err() {
            tracing::warn!("the database does not answer; its connections are left to it");
        }
    }
}

/// A problem of the service's own, where the reason is known to be the database.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        failure.into_problem(Kind::Internal)
    }
}

fn limited(options: PgConnectOptions, timeout: Duration) -> PgConnectOptions {
    // The server ends what the client has given up: otherwise it would go on for nobody.
    options.options([
        ("statement_timeout", timeout.as_millis().to_string()),
        ("idle_in_transaction_session_timeout", IDLE_TRANSACTION_TIMEOUT.as_millis().to_string()),
    ])
}
