//! Schemas of several services, migrated side by side.

use std::time::Duration;

use chassis::{Database, DatabaseConfig, Environment};

/// Migrations take some hundred milliseconds; a busy machine may take far longer.
const LIMIT: Duration = Duration::from_secs(60);

fn start(database: &testkit::Database, schema: &str, migrations: sqlx::migrate::Migrator) -> Database {
    let environment = Environment::from_iter([
        ("DATABASE_URL", database.url(&format!("{schema}_service"))),
        ("MIGRATION_DATABASE_URL", database.url(&format!("{schema}_owner"))),
        ("DATABASE_TIMEOUT_MS", "40000".to_owned()),
    ]);
    Database::start(&DatabaseConfig::read(&environment).expect("valid settings"), schema, migrations)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_services_migrate_their_schemas_at_once() {
    let database = testkit::Database::not_migrated().await;
    let services = [
        start(&database, "user", sqlx::migrate!("../../migrations/user")),
        start(&database, "order", sqlx::migrate!("../../migrations/order")),
        start(&database, "audit", sqlx::migrate!("../../migrations/audit")),
    ];
    for service in &services {
        let ready = async {
            while service.ready().await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, ready).await.expect("the schema is migrated");
    }
    for (table, rows) in [(r#""user".users"#, 10), (r#""order".products"#, 5), ("audit.audit_logs", 0)] {
        assert_eq!(database.count(&format!("SELECT count(*) FROM {table}")).await, rows, "{table}");
    }
}
