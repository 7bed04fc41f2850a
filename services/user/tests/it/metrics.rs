//! `/metrics` after requests that the test has counted.

use reqwest::Method;
use testkit::Answer;
use testkit::openmetrics::Exposition;
use testkit::stub::Behaviour;

use crate::service;

const SERVER: &str = "http_server_request_duration_seconds_count";

#[tokio::test(flavor = "multi_thread")]
async fn requests_calls_and_statements_are_counted_by_bounded_labels() {
    let (service, _stub) = service::before(Behaviour::Reply).await;
    for _ in 0..3 {
        assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
    }
    for id in [1001, 1002, 4242] {
        service.client.get(&format!("/users/{id}")).await;
    }
    service.client.get("/error").await;
    service.client.get("/no/such/route").await;
    Answer::of(service.client.request(Method::from_bytes(b"BREW").expect("a method"), "/users")).await;
    for path in ["/livez", "/readyz", "/health", "/openapi.json"] {
        assert_eq!(service.client.get(path).await.status, 200);
    }
    let answer = service.client.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let metrics = Exposition::parse(&answer.text);
    let counts = [
        (3.0, vec![("http_request_method", "POST"), ("http_route", "/process"), ("http_response_status_code", "200")]),
        (
            2.0,
            vec![("http_request_method", "GET"), ("http_route", "/users/{id}"), ("http_response_status_code", "200")],
        ),
        (1.0, vec![("http_route", "/users/{id}"), ("http_response_status_code", "404")]),
        (1.0, vec![("http_route", "/error"), ("http_response_status_code", "500"), ("error_type", "500")]),
        (1.0, vec![("http_request_method", "_OTHER"), ("http_route", "/users"), ("http_response_status_code", "405")]),
        (9.0, vec![]),
    ];
    for (count, labels) in counts {
        assert_eq!(metrics.sum(SERVER, &labels), count, "{labels:?} in {}", answer.text);
    }
    let unmatched: Vec<_> =
        metrics.0.iter().filter(|sample| sample.name == SERVER && !sample.labels.contains_key("http_route")).collect();
    assert_eq!(unmatched.len(), 1, "{unmatched:?}");
    assert_eq!(unmatched[0].labels.get("http_response_status_code").map(String::as_str), Some("404"));
    assert!(!unmatched[0].labels.contains_key("error_type"), "a 404 is no error of the server");
    assert_eq!(metrics.sum("http_client_request_duration_seconds_count", &[("http_response_status_code", "200")]), 3.0);
    assert_eq!(metrics.sum("db_client_operation_duration_seconds_count", &[("db_query_summary", "SELECT users")]), 6.0);
    assert_eq!(metrics.sum("db_client_connection_wait_time_seconds_count", &[]), 6.0);
    assert_eq!(metrics.sum("http_server_active_requests", &[]), 0.0);
    assert_eq!(
        metrics.sum("target_info", &[("service_name", "user-service"), ("service_version", env!("CARGO_PKG_VERSION"))]),
        1.0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_asked_nothing_has_valid_metrics() {
    let service = service::alone().await;
    let metrics = Exposition::parse(&service.client.get("/metrics").await.text);
    assert_eq!(metrics.sum(SERVER, &[]), 0.0);
}
