//! Migrations, run by the owner's role when the database is there.

use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::watch;

/// The first wait after a failure, doubled each time: a database that is just starting is there in some hundred milliseconds.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// How long one try waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest wait between two tries: how late a service may notice that its database is back.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Whether the schema is as this service needs it.
#[derive(Clone, Debug)]
pub(super) enum Migrated {
    /// Not yet, and why.
    NotYet(String),
    /// It is.
    Done,
}

/// Migrates in the background until it is done. One migrator works at a time: sqlx takes an advisory lock.
pub(super) fn start(
    owner: Option<PgConnectOptions>,
    schema: &str,
    migrations: Arc<Migrator>,
) -> watch::Receiver<Migrated> {
    let Some(owner) = owner else { return watch::channel(Migrated::Done).1 };
    let (sender, receiver) = watch::channel(Migrated::NotYet("the schema is not migrated yet".to_owned()));
    let schema = schema.to_owned();
    tokio::spawn(async move {
        let mut wait = FIRST_WAIT;
        while let Err(error) = migrate(&owner, &migrations).await {
            let reason = format!("the schema cannot be migrated: {error}");
            tracing::warn!(schema, error = reason, retry_ms = wait.as_millis() as u64, "waiting for the database");
            if sender.send(Migrated::NotYet(reason)).is_err() {
                return; // The service is gone.
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        tracing::info!(schema, "schema is up to date");
        // Nobody listens when the service is gone.
        let _ = sender.send(Migrated::Done);
    });
    receiver
}

async fn migrate(owner: &PgConnectOptions, migrations: &Migrator) -> Result<(), MigrateError> {
    let pool =
        PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT_TIMEOUT).connect_with(owner.clone()).await?;
    let result = migrations.run(&pool).await;
    pool.close().await;
    result
}
