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
        let runtime = with_password(environment, runtime, "DATABASE_PASSWORD_FILE");
        let owner = environment.optional::<PgConnectOptions>("MIGRATION_DATABASE_URL", what);
        let owner = with_password(environment, owner, "MIGRATION_DATABASE_PASSWORD_FILE");
        let timeout = milliseconds(environment, "DATABASE_TIMEOUT_MS", DATABASE_TIMEOUT_MS);
        let connections = environment.optional::<NonZeroU32>("DATABASE_CONNECTIONS", "a number of connections above 0");
        let connections = connections.map_or(DATABASE_CONNECTIONS, NonZeroU32::get);
        Some(Self { runtime: runtime?, owner, timeout, connections })
    }
}

/// The same way with the password that the variable's file holds: a container's settings can be read by whoever may ask its
/// engine, a file only by whom it belongs to.
fn with_password(environment: &Environment, url: Option<PgConnectOptions>, variable: &str) -> Option<PgConnectOptions> {
    let Some(path) = environment.get(variable) else { return url };
    match std::fs::read_to_string(&path) {
        Ok(password) if !password.trim().is_empty() => return url.map(|url| url.password(password.trim())),
        Ok(_) => environment.refuse(format!("{variable} must name a file with a password: {path} is empty")),
        Err(error) => environment.refuse(format!("{variable} must name a file that can be read: {path}: {error}")),
    }
    None
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
    use sqlx::ConnectOptions;

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

    /// The options tell their password to nobody but the server, so what is asked is the URL that they would be.
    fn url(options: &PgConnectOptions) -> String {
        options.to_url_lossy().to_string()
    }

    #[test]
    fn a_password_in_a_file_takes_the_place_of_the_one_in_the_url() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("password");
        std::fs::write(&file, "fromfile\n").expect("a file");
        let environment = Environment::from_iter([
            ("DATABASE_URL", "postgres://order_service:fromurl@127.0.0.1/tracechain"),
            ("DATABASE_PASSWORD_FILE", file.to_str().expect("UTF-8")),
        ]);
        let config = DatabaseConfig::read(&environment).expect("valid settings");
        assert!(url(&config.runtime).contains("order_service:fromfile@"), "{}", url(&config.runtime));
    }

    #[test]
    fn a_password_file_that_is_not_there_is_named_with_its_variable() {
        let environment = Environment::from_iter([
            ("DATABASE_URL", "postgres://order_service@127.0.0.1/tracechain"),
            ("DATABASE_PASSWORD_FILE", "/nowhere/password"),
        ]);
        assert!(DatabaseConfig::read(&environment).is_none());
        let error = environment.finish(|| Some(())).expect_err("the file is not there").to_string();
        assert!(
            error.contains("DATABASE_PASSWORD_FILE must name a file that can be read: /nowhere/password"),
            "{error}"
        );
    }
}
