//! The database is away, or slow.

use testkit::{Database, Settings, conventions, stub, until};

use crate::service;

/// Long enough for a machine that gives nobody a second, and no longer than a test may wait for what is away.
fn patience(settings: Settings) -> Settings {
    settings.with("REQUEST_TIMEOUT_MS", "10000").with("DATABASE_TIMEOUT_MS", "5000")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_without_its_database() {
    let nobody = stub::nobody().replace("http://", "postgres://audit_service:secret@");
    let service =
        service::start(|settings| patience(settings).with("DATABASE_URL", format!("{nobody}/tracechain"))).await;
    assert_eq!(service.client.get("/livez").await.status, 200);
    service.client.get("/readyz").await.expect_problem(503, "not-ready");
    let answer = service.client.post("/process", &service::message()).await;
    answer.expect_problem(503, "database-unavailable");
    let outline = "
        audit-service server POST /process [error: 503]
          audit-service internal record entry
            audit-service client BEGIN [error: connection_unavailable]";
    conventions::check(&service.trace(&answer, outline).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_needs_no_restart() {
    let service = service::on(Database::alone().await, patience).await;
    assert_eq!(service.client.post("/process", &service::message()).await.status, 200);
    let port = service.database.stop().await;
    service.client.post("/process", &service::message()).await.expect_problem(503, "database-unavailable");
    service.client.get("/audit").await.expect_problem(503, "database-unavailable");
    service.client.get("/readyz").await.expect_problem(503, "not-ready");
    service.database.start_again(port).await;
    service.ready().await;
    assert_eq!(service.client.post("/process", &service::message()).await.status, 200);
    assert_eq!(service::records(&service).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_takes_too_long_is_not_written() {
    let service = service::start(|settings| settings.with("DATABASE_TIMEOUT_MS", "2000")).await;
    let mut holder = service.database.superuser().await;
    let lock = "BEGIN; LOCK TABLE audit.audit_logs IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.expect("the lock");
    let answer = service.client.post("/process", &service::message()).await;
    answer.expect_problem(503, "database-unavailable");
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.expect("the lock is given back");
    // It may have cost its connection, and a new one has a second.
    let status = until("it records again", async || {
        let answer = service.client.post("/process", &service::message()).await;
        if answer.status == 503 { Err(answer.text) } else { Ok(answer.status) }
    });
    assert_eq!(status.await, 200);
    assert_eq!(service::records(&service).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_schema_is_migrated() {
    let database = Database::not_migrated().await;
    let owner = database.url("audit_owner");
    let service = service::on(database, |settings| settings.with("MIGRATION_DATABASE_URL", owner)).await;
    service.ready().await;
    assert_eq!(service.client.post("/process", &service::message()).await.status, 200);
    assert_eq!(service::records(&service).await, 1);
}
