//! The database is away: when the service starts, and while it runs.

use serde_json::json;
use testkit::{Database, Running, Settings, conventions, stub};

use crate::service;

/// As a running system has it: a request has 8 s, and a statement 2 s of them.
/// Long enough for a machine that gives nobody a second, and no longer than a test may wait for what is away.
fn patience(settings: Settings) -> Settings {
    settings.with("REQUEST_TIMEOUT_MS", "20000").with("DATABASE_TIMEOUT_MS", "5000")
}

async fn expect_away(service: &Running) {
    let live = service.client.get("/livez").await;
    assert_eq!((live.status, &live.body["status"]), (200, &json!("ok")));
    for path in ["/readyz", "/health"] {
        let answer = service.client.get(path).await;
        answer.expect_problem(503, "not-ready");
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with("the database"), "{}", answer.text);
    }
    service.client.get("/users").await.expect_problem(503, "database-unavailable");
    service.client.get("/users/1001").await.expect_problem(503, "database-unavailable");
    let new = json!({"name": "A", "email": "a@example.com"});
    service.client.post("/users", &new).await.expect_problem(503, "database-unavailable");
    // What can be said without the database is said.
    service.client.post("/users", &json!({})).await.expect_problem(422, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_without_its_database() {
    let nobody = stub::nobody().replace("http://", "postgres://user_service:secret@");
    let service =
        service::start(|settings| patience(settings).with("DATABASE_URL", format!("{nobody}/tracechain"))).await;
    expect_away(&service).await;
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(503, "database-unavailable");
    assert!(!answer.text.contains("secret") && !service.client.get("/readyz").await.text.contains("secret"));
    let tree = service
        .trace(
            &answer,
            "
            user-service server POST /process [error: 503]
              user-service internal resolve profile
                user-service client SELECT users [error: connection_unavailable]",
        )
        .await;
    conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_needs_no_restart() {
    let service = service::on(Database::alone().await, patience).await;
    assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
    let port = service.database.stop().await;
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(503, "database-unavailable");
    let tree = service.backend.trace(answer.trace_id(), |tree| tree.len() >= 3).await;
    assert!(tree.find("user-service", "SELECT users").is_some_and(otlp::tree::Node::is_error), "{}", tree.outline());
    conventions::check(&tree);
    expect_away(&service).await;
    service.database.start_again(port).await;
    service.ready().await;
    assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
    assert_eq!(service.rows(r#""user".users"#).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_told_within_the_deadline() {
    let service = service::start(|settings| settings.with("DATABASE_TIMEOUT_MS", "2000")).await;
    let mut holder = service.database.superuser().await;
    sqlx::raw_sql(r#"BEGIN; LOCK TABLE "user".users IN ACCESS EXCLUSIVE MODE"#)
        .execute(&mut holder)
        .await
        .expect("the lock");
    let reading = service.client.get("/users/1001").await;
    reading.expect_problem(503, "database-unavailable");
    // Nobody can tell whether a row that was being written is there.
    let writing = service.client.post("/users", &json!({"name": "A", "email": "a@example.com"})).await;
    assert!([503, 504].contains(&writing.status), "{}", writing.text);
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.expect("the lock is given back");
    // They may have cost their connections, and a new one has a second.
    service.well("/users/1001").await;
    let spans = service.backend.trace(reading.trace_id(), |tree| tree.len() >= 2).await;
    assert!(spans.find("user-service", "SELECT users").is_some_and(otlp::tree::Node::is_error), "{}", spans.outline());
}
