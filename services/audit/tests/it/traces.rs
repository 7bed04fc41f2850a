//! Whole trace trees, and what their spans say of a record.

use otlp::tree::Value;
use serde_json::json;
use testkit::client::TRACE;
use testkit::conventions;

use crate::service::{self, ORDER};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_written_in_a_transaction() {
    let service = service::alone().await;
    let answer = service.client.post_in_trace("/process", &service::message()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let outline = "
        audit-service server POST /process [parent missing]
          audit-service internal record entry
            audit-service client BEGIN
            audit-service client INSERT audit_logs
            audit-service client COMMIT";
    let tree = service.backend.flushed(&service.server, TRACE, outline).await;
    conventions::check(&tree);
    let server = tree.find("audit-service", "POST /process").expect("the server span");
    let id = answer.body["audit"]["id"].as_str().expect("an id");
    for (key, value) in [("user.id", "1001"), ("order.id", ORDER), ("audit.id", id)] {
        assert_eq!(server.attribute(key).and_then(Value::as_str), Some(value), "{key}");
    }
    assert_eq!(server.events.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["chain completed"]);
    let begin = tree.find("audit-service", "BEGIN").expect("the beginning's span");
    assert_eq!(begin.attribute("db.collection.name"), None);
    let insert = tree.find("audit-service", "INSERT audit_logs").expect("the statement's span");
    assert_eq!(insert.attribute("db.operation.name").and_then(Value::as_str), Some("INSERT"));
    assert!(insert.attribute("db.namespace").and_then(Value::as_str).is_some_and(|name| name.ends_with("|audit")));
    let text = insert.attribute("db.query.text").and_then(Value::as_str).expect("the statement");
    assert!(text.contains("$7") && !text.contains("purchase"), "{text}");
    for node in &tree.nodes {
        let version =
            node.resource.iter().find(|(key, _)| key == "service.version").and_then(|(_, value)| value.as_str());
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_trace_without_an_error() {
    let service = service::alone().await;
    let answer = service.client.post("/process", &json!({})).await;
    conventions::check(&service.trace(&answer, "audit-service server POST /process").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_fails_is_an_error_of_every_span_above() {
    let service = service::alone().await;
    service.database.execute("REVOKE INSERT ON audit.audit_logs FROM audit_service").await;
    let answer = service.client.post("/process", &service::message()).await;
    answer.expect_problem(500, "internal");
    assert!(!answer.text.contains("permission"), "{}", answer.text);
    let outline = "
        audit-service server POST /process [error: 500]
          audit-service internal record entry
            audit-service client BEGIN
            audit-service client INSERT audit_logs [error: 42501]";
    conventions::check(&service.trace(&answer, outline).await);
}
