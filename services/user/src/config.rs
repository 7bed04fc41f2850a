//! The settings.

use chassis::config::Defaults;
use chassis::env::EnvironmentError;
use chassis::{DatabaseConfig, Environment};

const DEFAULTS: Defaults =
    Defaults { name: "user-service", version: env!("CARGO_PKG_VERSION"), port: 5001, request_timeout_ms: 8_000 };
/// The trace's page in observatory.
const TRACE_LINK: &str = "http://127.0.0.1:8000/trace/{trace_id}";

/// The settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service has.
    pub chassis: chassis::Config,
    /// The schema `user`.
    pub database: DatabaseConfig,
    /// Where a trace can be looked at; `{trace_id}` stands for its id.
    pub trace_link: String,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is wrong with them, at once.
    pub fn from_environment(environment: Environment) -> Result<Self, EnvironmentError> {
        let chassis = chassis::Config::read(DEFAULTS, &environment);
        let database = DatabaseConfig::read(&environment);
        let trace_link = environment.get("TRACE_LINK").unwrap_or_else(|| TRACE_LINK.to_owned());
        environment.finish(|| Some(Self { chassis: chassis?, database: database?, trace_link }))
    }
}

impl AsRef<chassis::Config> for Config {
    fn as_ref(&self) -> &chassis::Config {
        &self.chassis
    }
}
