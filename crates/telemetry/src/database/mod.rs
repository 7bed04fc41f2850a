//! CLIENT spans and metrics of SQL statements: a thin layer over sqlx for PostgreSQL.
//!
//! Every statement of a service is a `static` made by [`statement!`](crate::statement): its text, operation and table are
//! written down once, where the conventions forbid to guess them from the text.
//!
//! ```
//! # #[derive(sqlx::FromRow)] struct User { id: i64 }
//! use telemetry::database::{Pool, Statement};
//!
//! static FIND_USER: Statement = telemetry::statement!("SELECT", "users", "SELECT id FROM users WHERE id = $1");
//!
//! async fn find(pool: &Pool, id: i64) -> Result<Option<User>, sqlx::Error> {
//!     FIND_USER.bind(id).fetch_optional(pool).await
//! }
//! ```
//!
//! Source: OpenTelemetry semantic conventions 1.42, "Database client" spans, PostgreSQL, and `db.client.operation.duration`.

mod bound;
mod executor;
mod operation;
mod pool;
mod statement;
mod transaction;
mod within;
mod written;

pub use bound::Bound;
pub use executor::Executor;
pub use pool::{NotConnected, Pool};
pub use statement::Statement;
pub use transaction::Transaction;
pub use within::within;
