//! What the runtime role may do: add and read, and nothing else.

use sqlx::{Connection, PgConnection, raw_sql};
use testkit::Running;

use crate::service;

/// The server's answer to a statement of the role: its SQLSTATE, or nothing when it ran.
async fn sqlstate(service: &Running, role: &str, sql: &'static str) -> Option<String> {
    let mut connection = PgConnection::connect(&service.database.url(role)).await.expect("the role can log in");
    let error = raw_sql(sql).execute(&mut connection).await.err()?;
    error.as_database_error().and_then(|error| error.code()).map(std::borrow::Cow::into_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_can_be_neither_changed_nor_removed() {
    let service = service::alone().await;
    assert_eq!(service.client.post("/process", &service::message()).await.status, 200);
    let before = service.client.get("/audit").await.body;
    for sql in [
        "UPDATE audit_logs SET action = 'nothing'",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs",
        "DROP TABLE audit_logs",
        "ALTER TABLE audit_logs ADD COLUMN more text",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "SELECT * FROM audit_logs FOR UPDATE",
        "CREATE INDEX ON audit_logs (action)",
    ] {
        assert_eq!(sqlstate(&service, "audit_service", sql).await.as_deref(), Some("42501"), "{sql}");
    }
    assert_eq!(sqlstate(&service, "audit_service", "SELECT * FROM audit_logs").await, None);
    assert_eq!(service.client.get("/audit").await.body, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_schema_can_be_read() {
    let service = service::alone().await;
    for sql in [
        r#"SELECT * FROM "user".users"#,
        r#"SELECT * FROM "order".orders"#,
        r#"INSERT INTO "order".products VALUES ('a', 'A', 1, 'EUR')"#,
        r#"CREATE TABLE "user".mine (id int)"#,
        "SELECT * FROM pg_authid",
    ] {
        for role in ["audit_service", "audit_owner"] {
            assert_eq!(sqlstate(&service, role, sql).await.as_deref(), Some("42501"), "{role}: {sql}");
        }
    }
    let others =
        [("user_service", "SELECT * FROM audit.audit_logs"), ("order_service", "SELECT * FROM audit.audit_logs")];
    for (role, sql) in others {
        assert_eq!(sqlstate(&service, role, sql).await.as_deref(), Some("42501"), "{role}: {sql}");
    }
    for (role, sql) in [
        ("user_service", "UPDATE users SET name = 'X'"),
        ("user_service", "DELETE FROM users"),
        ("order_service", "UPDATE orders SET total = 0"),
        ("order_service", "UPDATE products SET unit_price = 0"),
        ("order_service", "DELETE FROM orders"),
    ] {
        assert_eq!(sqlstate(&service, role, sql).await.as_deref(), Some("42501"), "{role}: {sql}");
    }
}
