//! Audit service: writes down what went through the chain, and sums it up. It is the last hop, unless `NEXT_SERVICE_URL`
//! names another one.
//!
//! | route | |
//! |---|---|
//! | `POST /process` | writes the record, and answers with what the whole chain did |
//! | `GET /audit` | lists records, newest first |
//!
//! Owns the schema `audit`: the table `audit_logs`, which its runtime role may add to and read, and not change.

mod config;
mod list;
mod process;
mod records;
mod routes;

use chassis::server::StartError;
use chassis::{Database, Hop, Server, Service};

pub use config::Config;
pub use routes::{openapi, routes};

/// What handlers need.
struct State {
    records: records::Records,
    hop: Hop,
}

/// Starts the service.
///
/// # Errors
/// When its address is taken, or its exporter cannot be built.
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let database = Database::start(&config.database, "audit", sqlx::migrate!("../../migrations/audit"));
    let state = State { records: records::Records::new(database.clone()), hop: Hop::new(&config.chassis)? };
    Server::start(&config.chassis, Service { routes, openapi: openapi(), state, database: Some(database) }).await
}
