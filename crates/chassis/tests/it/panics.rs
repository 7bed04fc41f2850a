//! A panic is an answer and an Error span, and nothing more.

use serde_json::json;
use testkit::openmetrics::Exposition;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_500_an_error_span_and_not_the_end() {
    let service = service::start().await;
    for _ in 0..5 {
        let answer = service.client.get("/panic").await;
        answer.expect_problem(500, "internal");
        assert!(!answer.text.contains("canary"), "{}", answer.text);
        let outline = "
            test-service server GET /panic [error: panic]
              test-service internal before the panic";
        let tree = service.backend.flushed(&service.server, answer.trace_id(), outline).await;
        let server = tree.find("test-service", "GET /panic").expect("the server span");
        assert_eq!(server.attribute("http.response.status_code").and_then(otlp::tree::Value::as_int), Some(500));
        assert!(!format!("{tree:?}").contains("canary"), "the panic's message was exported");
        testkit::conventions::check(&tree);
        assert_eq!(service.client.get("/fine").await.text, "\"fine\"");
    }
    let metrics = Exposition::parse(&service.client.get("/metrics").await.text);
    let panics = [("http_route", "/panic"), ("http_response_status_code", "500"), ("error_type", "panic")];
    assert_eq!(metrics.sum("http_server_request_duration_seconds_count", &panics), 5.0);
    assert_eq!(metrics.sum("http_server_active_requests", &[]), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_after_the_body_was_read_is_500_too() {
    let service = service::start().await;
    let answer = service.client.post("/panic", &json!({"sku": "canary-4711", "quantity": 1})).await;
    answer.expect_problem(500, "internal");
    assert!(!answer.text.contains("canary"), "{}", answer.text);
    let outline = "test-service server POST /panic [error: panic]";
    service.backend.flushed(&service.server, answer.trace_id(), outline).await;
}
