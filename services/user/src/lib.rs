//! User service: the first hop of the chain.
//!
//! | route | |
//! |---|---|
//! | `POST /process` | finds or creates the user, and sends the request through the chain |
//! | `GET /users`, `POST /users` | lists and creates users |
//! | `GET /users/{id}` | one user |
//! | `GET /error` | fails on purpose, through the whole trace |
//!
//! Owns the schema `user`: the table `users`. Calls the next service of the chain, where `NEXT_SERVICE_URL` names one.

mod config;
mod list;
mod process;
mod routes;
mod users;

use chassis::server::StartError;
use chassis::{Database, Hop, Server, Service};

pub use config::Config;
pub use routes::{openapi, routes};

/// What handlers need.
struct State {
    users: users::Users,
    hop: Hop,
    trace_link: String,
}

/// Starts the service.
///
/// # Errors
/// When its address is taken, or its exporter cannot be built.
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let database = Database::start(&config.database, "user", sqlx::migrate!("../../migrations/user"));
    let users = users::Users::new(database.clone());
    let state = State { users, hop: Hop::new(&config.chassis)?, trace_link: config.trace_link };
    Server::start(&config.chassis, Service { routes, openapi: openapi(), state, database: Some(database) }).await
}
