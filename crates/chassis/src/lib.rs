//! What every service of the chain needs and none should write.
//!
//! | module | what it is |
//! |---|---|
//! | [`config`], [`config::env`] | settings, read once; all wrong ones are named at once |
//! | [`server`] | from a [`Config`] and a table of routes to a running [`Server`], and its orderly end |
//! | [`routes`] | the table, and what every service has in it: health, metrics, OpenAPI |
//! | [`body`], [`query`], [`page`] | what a request says, parsed and checked at the edge |
//! | [`problem`] | every refusal as RFC 9457 `application/problem+json` |
//! | [`hop`] | the next service of the chain |
//! | [`deadline`] | how much time a request has left |
//! | [`database`] | the service's schema: pool, migrations, and what a failure means for the caller |
//! | [`health`] | whether the service can do its work |
//! | `faults` | faults on purpose, where `FAULTS=1` allows them |

mod answers;
pub mod body;
pub mod config;
pub mod database;
pub mod deadline;
mod faults;
pub mod health;
pub mod hop;
mod openapi;
pub mod page;
pub mod problem;
mod process;
pub mod query;
pub mod routes;
pub mod server;

pub use body::Body;
pub use config::{Config, DatabaseConfig, Identity, env};
pub use database::Database;
pub use deadline::Deadline;
pub use env::Environment;
pub use hop::Hop;
pub use page::PageRequest;
pub use problem::Problem;
pub use process::{run, serve};
pub use query::{Path, Query};
pub use routes::Routes;
pub use server::{Server, Service};
