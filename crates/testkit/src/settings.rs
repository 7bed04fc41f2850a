//! The environment of a service under test.

use chassis::Environment;

use crate::{Backend, Database};

/// Variables by name, with what every test wants: a free port, and spans that leave at once, and time.
#[derive(Clone, Debug)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// For a service that sends its spans to `backend`.
    pub fn new(backend: &Backend) -> Self {
        Self(Vec::new())
            .with("LISTEN", "127.0.0.1:0")
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", backend.endpoint())
            // The backend keeps traces only.
            .with("OTEL_METRICS_EXPORTER", "none")
            .with("OTEL_LOGS_EXPORTER", "none")
            // The specification's 5 s would be a test's time.
            .with("OTEL_BSP_SCHEDULE_DELAY", "20")
            // A busy machine is no failure: the limits of a running system are tested where a test sets them.
            .with("REQUEST_TIMEOUT_MS", "60000")
            .with("DATABASE_TIMEOUT_MS", "40000")
    }

    /// With the runtime role of this schema.
    pub fn database(self, database: &Database, schema: &str) -> Self {
        self.with("DATABASE_URL", database.url(&format!("{schema}_service")))
    }

    /// With one more variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// All variables, for a service that is a process of its own.
    pub fn variables(&self) -> &[(String, String)] {
        &self.0
    }

    /// As a service reads it.
    pub fn environment(&self) -> Environment {
        Environment::from_iter(self.0.clone())
    }
}
