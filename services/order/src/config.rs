//! The settings.

use chassis::config::Defaults;
use chassis::env::EnvironmentError;
use chassis::{DatabaseConfig, Environment};

const DEFAULTS: Defaults =
    Defaults { name: "order-service", version: env!("CARGO_PKG_VERSION"), port: 5002, request_timeout_ms: 6_000 };

/// The settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service has.
    pub chassis: chassis::Config,
    /// The schema `order`.
    pub database: DatabaseConfig,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is wrong with them, at once.
    pub fn from_environment(environment: Environment) -> Result<Self, EnvironmentError> {
        let chassis = chassis::Config::read(DEFAULTS, &environment);
        let database = DatabaseConfig::read(&environment);
        environment.finish(|| Some(Self { chassis: chassis?, database: database? }))
    }
}

impl AsRef<chassis::Config> for Config {
    fn as_ref(&self) -> &chassis::Config {
        &self.chassis
    }
}
