//! Order service: prices what is ordered, and keeps the orders.
//!
//! | route | |
//! |---|---|
//! | `POST /process` | prices the items, records the order, and sends the message on |
//! | `GET /orders` | lists orders, newest first |
//! | `GET /orders/{id}` | one order |
//!
//! Owns the schema `order`: the tables `products`, `orders` and `order_items`. Calls the next service of the chain, where
//! `NEXT_SERVICE_URL` names one. No transaction is open during that call: an order is pending until the answer is there.

mod abandoned;
mod catalogue;
mod config;
mod list;
mod orders;
mod pricing;
mod process;
mod routes;

use chassis::server::StartError;
use chassis::{Database, Hop, Server, Service};

pub use config::Config;
pub use routes::{openapi, routes};

/// What handlers need.
struct State {
    catalogue: catalogue::Catalogue,
    orders: orders::Orders,
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
    let database = Database::start(&config.database, "order", sqlx::migrate!("../../migrations/order"));
    abandoned::note_in_background(database.clone());
    let state = State {
        catalogue: catalogue::Catalogue::new(database.clone()),
        orders: orders::Orders::new(database.clone()),
        hop: Hop::new(&config.chassis)?,
    };
    Server::start(&config.chassis, Service { routes, openapi: openapi(), state, database: Some(database) }).await
}
