//! The database is away, or slow, or lost on the way.

use serde_json::json;
use testkit::stub::Behaviour;
use testkit::{Database, Settings, Stub, conventions};

use crate::service;

/// Long enough for a machine that gives nobody a second, and no longer than a test may wait for what is away.
fn patience(settings: Settings) -> Settings {
    settings.with("REQUEST_TIMEOUT_MS", "20000").with("DATABASE_TIMEOUT_MS", "5000")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_needs_no_restart() {
    let stub = Stub::start(Behaviour::Reply).await;
    let next = |settings: Settings| patience(settings).with("NEXT_SERVICE_URL", stub.url());
    let service = service::on(Database::alone().await, next).await;
    assert_eq!(service.client.post("/process", &service::message(json!([]))).await.status, 200);
    let port = service.database.stop().await;
    let answer = service.client.post("/process", &service::message(json!([]))).await;
    answer.expect_problem(503, "database-unavailable");
    service.client.get("/orders").await.expect_problem(503, "database-unavailable");
    service.client.get("/readyz").await.expect_problem(503, "not-ready");
    assert_eq!(service.client.get("/livez").await.status, 200);
    let tree = service.backend.trace(answer.trace_id(), |tree| tree.len() >= 3).await;
    assert!(
        tree.find("order-service", "SELECT products").is_some_and(otlp::tree::Node::is_error),
        "{}",
        tree.outline()
    );
    conventions::check(&tree);
    service.database.start_again(port).await;
    service.ready().await;
    assert_eq!(service.client.post("/process", &service::message(json!([]))).await.status, 200);
    assert_eq!(stub.received().len(), 2, "nothing was sent on without an order");
    assert_eq!(service.rows(r#""order".orders"#).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_lost_during_the_call_leaves_the_outcome_unknown() {
    let stub = Stub::start(Behaviour::Silence).await;
    let next = |settings: Settings| patience(settings).with("NEXT_SERVICE_URL", stub.url());
    let service = service::on(Database::alone().await, next).await;
    let client = service.client.clone();
    let asking = tokio::spawn(async move {
        let request = client.request(reqwest::Method::POST, "/process").json(&service::message(json!([])));
        testkit::Answer::of(request.header("X-Internal-Timeout-Ms", 15_000)).await
    });
    stub.asked(1).await;
    let port = service.database.stop().await;
    let answer = asking.await.expect("an answer");
    answer.expect_problem(504, "outcome-unknown");
    service.database.start_again(port).await;
    service.ready().await;
    // The note of its end could not be made: what is on record is that nobody knows.
    assert_eq!(service::only_order(&service).await["state"], "pending");
}
