//! How a service reaches its schema.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::env::Environment;
use super::milliseconds;

/// A statement that takes longer has lost its caller, or holds a lock that others wait for.
const DATABASE_TIMEOUT_MS: u64 = 2_000;
/// Connections a service: enough for some hundred requests a second, and five such services below PostgreSQL's default of 100.
const DATABASE_CONNECTIONS: u32 = 10;

/// How a service reaches its schema. Its debug form shows no password.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// As the runtime role.
    pub runtime: PgConnectOptions,
    /// As the owner, for migrations; `None` where somebody else runs them.
    pub owner: Option<PgConnectOptions>,
    /// The longest that a statement may take.
    pub timeout: Duration,
    /// Connections at most.
    pub connections: u32,
}

impl DatabaseConfig {
    /// Reads the settings; `None` when what is wrong leaves nothing to build on. `environment` knows what is wrong.
    pub fn read(environment: &Environment) -> Option<Self> {
        let what = "a URL such as postgres://role:password@127.0.0.1:55432/tracechain";
        let runtime = environment.required::<PgConnectOptions>("DATABASE_URL", what);
        let owner = environment.optional::<PgConnectOptions>("MIGRATION_DATABASE_URL", what);
        let timeout = milliseconds(environment, "DATABASE_TIMEOUT_MS", DATABASE_TIMEOUT_MS);
        let connections = environment.optional::<NonZeroU32>("DATABASE_CONNECTIONS", "a number of connections above 0");
        let connections = connections.map_or(DATABASE_CONNECTIONS, NonZeroU32::get);
        Some(Self { runtime: runtime?, owner, timeout, connections })
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("runtime", &shown(&self.runtime))
            .field("owner", &self.owner.as_ref().map(shown))
            .field("timeout", &self.timeout)
            .field("connections", &self.connections)
            .finish()
    }
}

/// `role@host:port/database`.
fn shown(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_default();
    format!("{}@{}:{}/{database}", options.get_username(), options.get_host(), options.get_port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_in_the_debug_form() {
        let environment = Environment::from_iter([
            ("DATABASE_URL", "postgres://order_service:canary@127.0.0.1:55432/tracechain"),
            ("MIGRATION_DATABASE_URL", "postgres://order_owner:canary@db.example/tracechain"),
        ]);
        let config = DatabaseConfig::read(&environment).expect("valid settings");
        let shown = format!("{config:?}");
        assert!(shown.contains("order_service@127.0.0.1:55432/tracechain"), "{shown}");
        assert!(shown.contains("order_owner@db.example:5432/tracechain"), "{shown}");
        let environment = format!("{environment:?}");
        assert!(!shown.contains("canary") && !environment.contains("canary"), "{shown} {environment}");
    }
}
