//! A service under test, with a database and a trace backend of its own.

use chassis::env::EnvironmentError;
use chassis::server::StartError;
use chassis::{Environment, Server};
use otlp::TraceTree;

use crate::{Answer, Backend, Client, Database, Settings, until};

/// A running service, and what it stands in.
pub struct Running {
    /// The service.
    pub server: Server,
    /// Sends requests to it.
    pub client: Client,
    /// Its database, with all schemas.
    pub database: Database,
    /// Where its spans go.
    pub backend: Backend,
}

impl Running {
    /// Starts a service as its `main` does, with settings that `change` may add to.
    pub async fn start<C>(
        schema: &str,
        config: impl FnOnce(Environment) -> Result<C, EnvironmentError>,
        start: impl AsyncFnOnce(C) -> Result<Server, StartError>,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        Self::on(Database::new().await, schema, config, start, change).await
    }

    /// The same on a database that the test has made.
    pub async fn on<C>(
        database: Database,
        schema: &str,
        config: impl FnOnce(Environment) -> Result<C, EnvironmentError>,
        start: impl AsyncFnOnce(C) -> Result<Server, StartError>,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        let backend = Backend::start().await;
        let settings = change(Settings::new(&backend).database(&database, schema));
        let server = start(config(settings.environment()).expect("valid settings")).await.expect("the service starts");
        let client = Client::new(server.address());
        Self { server, client, database, backend }
    }

    /// The trace of an answer, which has to look like `outline`.
    pub async fn trace(&self, answer: &Answer, outline: &str) -> TraceTree {
        self.backend.flushed(&self.server, answer.trace_id(), outline).await
    }

    /// Waits until the service says that it can do its work.
    pub async fn ready(&self) {
        self.well("/readyz").await;
    }

    /// Asks until the answer is 200. A service that asks its database gives it a second, which a busy machine may not.
    pub async fn well(&self, path: &str) -> Answer {
        until(path, async || {
            let answer = self.client.get(path).await;
            if answer.status == 200 { Ok(answer) } else { Err(answer.text) }
        })
        .await
    }

    /// Makes all spans leave that have ended.
    pub async fn flush(&self) {
        let telemetry = self.server.telemetry().clone();
        tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("spans leave");
    }

    /// How many rows a table has, such as `"order".orders`.
    pub async fn rows(&self, table: &str) -> i64 {
        self.database.count(&format!("SELECT count(*) FROM {table}")).await
    }
}
