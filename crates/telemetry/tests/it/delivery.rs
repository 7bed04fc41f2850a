//! What became of the spans is counted, also when nobody takes them.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::openmetrics::Exposition;
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

/// Spans that an exporter over HTTP has answered for, for this reason if they were given up.
fn exported(metrics: &str, error_type: Option<&str>) -> Vec<f64> {
    const TYPE: &str = "otlp_http_span_exporter";
    let mut labels = vec![("otel_component_name", "otlp_http_span_exporter/0"), ("otel_component_type", TYPE)];
    labels.extend(error_type.map(|error_type| ("error_type", error_type)));
    let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let samples = Exposition::parse(metrics).0.into_iter();
    let of = samples.filter(|sample| sample.name == "otel_sdk_exporter_span_exported_total" && sample.labels == labels);
    of.map(|sample| sample.value).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_are_delivered_are_counted() {
    let backend = Backend::start().await;
    let metrics = metrics_after_a_request(&backend.endpoint()).await;
    assert_eq!(exported(&metrics, None), [2.0], "{metrics}");
    assert_eq!(exported(&metrics, Some("connection")), [0.0], "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_nobody_takes_are_counted_as_well() {
    let metrics = metrics_after_a_request(&stub::nobody()).await;
    assert_eq!(exported(&metrics, None), [0.0], "{metrics}");
    assert_eq!(exported(&metrics, Some("connection")), [2.0], "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_what_exports_is_named_in_each_count_of_the_pipeline() {
    let backend = Backend::start().await;
    let samples = Exposition::parse(&metrics_after_a_request(&backend.endpoint()).await).0;
    let mut named = BTreeSet::new();
    for sample in samples {
        let Some(rest) = sample.name.strip_prefix("otel_sdk_") else { continue };
        let Some((part, _)) = rest.split_once('_').filter(|(part, _)| ["processor", "exporter"].contains(part)) else {
            assert!(!sample.labels.contains_key("otel_component_type"), "the SDK itself is no component: {sample:?}");
            continue;
        };
        let kind = sample.labels["otel_component_type"].clone();
        assert!(kind.ends_with(part), "{sample:?}");
        assert_eq!(sample.labels["otel_component_name"], format!("{kind}/0"));
        named.insert(kind);
    }
    // The settings of these tests export spans alone.
    let expected = ["batching_log_processor", "batching_span_processor", "none_exporter", "otlp_http_span_exporter"];
    assert_eq!(named, expected.map(str::to_owned).into());
}
