//! What became of the spans is counted, also when nobody takes them.

use serde_json::json;
use testkit::{Backend, Client, Settings, fraud_service, stub};

/// Runs one request through a service that sends its spans to `endpoint`, and gives back its /metrics.
async fn metrics_after_a_request(endpoint: &str) -> String {
    let backend = Backend::start().await;
    let settings = Settings::new(&backend).with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let config = fraud_service::config(settings.environment()).expect("valid settings");
    let server = fraud_service::start(config).await.expect("it starts");
    let client = Client::new(server.address());
    let user = json!({"id": 1, "name": "A", "email": "a@example.com"});
    let answer = client.post("/process", &json!({"user": user, "action": "a"})).await;
    assert_eq!(answer.status, 200, "nobody takes the spans, and the answer is the same: {}", answer.text);
    let telemetry = server.telemetry().clone();
    // Whether it succeeds is not the question here. At the end no receiver is waited for any longer than it takes to ask.
    let _ = tokio::task::spawn_blocking(move || telemetry.shutdown()).await.expect("no panic");
    client.get("/metrics").await.text
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_are_delivered_are_counted() {
    let backend = Backend::start().await;
    let metrics = metrics_after_a_request(&backend.endpoint()).await;
    assert!(metrics.contains("otel_sdk_exporter_span_exported_total 2\n"), "{metrics}");
    assert!(metrics.contains("otel_sdk_exporter_span_exported_total 2\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_nobody_takes_are_counted_as_well() {
    let metrics = metrics_after_a_request(&stub::nobody().await).await;
    assert!(metrics.contains("otel_sdk_exporter_span_exported_total 0\n"), "{metrics}");
    assert!(metrics.contains("otel_sdk_exporter_span_exported_total{error_type=\"connection\"} 2\n"), "{metrics}");
}
