//! SQL as superuser: the chain's database and roles, and databases made from a template.

use super::passwords::Passwords;
use super::prepared::{PreparedCluster, SUPERUSER};
use crate::Result;
use crate::process::{Spec, run_to_end};
use crate::state::checkout;

/// The script that makes database, schemas and roles, below the checkout.
pub const BOOTSTRAP: &str = "migrations/bootstrap.sql";

impl PreparedCluster {
    /// Makes the database with its schemas and roles, or brings them up to date.
    pub fn bootstrap(&self, database: &str, passwords: &Passwords) -> Result<()> {
        let mut spec = self.psql(SUPERUSER).args(["-f"]).args([checkout().join(BOOTSTRAP)]);
        spec = spec.env("TRACECHAIN_DATABASE", database);
        spec.env.extend(passwords.environment().into_iter().map(|(name, value)| (name, Some(value))));
        run_to_end(&spec, "").map(drop)
    }

    /// Runs SQL as superuser; the rows come as lines, their fields separated by `|`.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        run_to_end(&self.psql(database).args(["-f", "-"]), statements)
    }

    /// A copy of a database, in tens of milliseconds. Nobody may be connected to the template.
    pub fn create_database_from_template(&self, name: &str, template: &str) -> Result<()> {
        let (name, template) = (quoted(name), quoted(template));
        self.sql(SUPERUSER, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY;")).map(drop)
    }

    /// Deletes a database and whoever is connected to it.
    pub fn drop_database(&self, name: &str) -> Result<()> {
        self.sql(SUPERUSER, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE);", quoted(name))).map(drop)
    }

    /// psql as superuser: no start-up file, the first error ends it, and no caller's PG* variable counts.
    fn psql(&self, database: &str) -> Spec {
        let mut spec = Spec::new("psql", &self.binaries().psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", SUPERUSER])
            .args(["-p".to_owned(), self.port().to_string(), "-d".into(), database.into()]);
        spec.env_clear = true;
        spec.env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("PGPASSWORD", self.superuser_password())
            .env("PGSSLMODE", "disable")
            .env("PGPASSFILE", "/dev/null")
    }
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
