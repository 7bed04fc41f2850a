//! The OpenAPI document, the page that shows it, the health routes and the metrics.

use serde_json::json;
use testkit::openmetrics::Exposition;

use crate::service;

#[test]
fn routes_and_document_say_the_same() {
    testkit::documented::expect_same(order_service::routes, &order_service::openapi());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole_and_its_page_is_served() {
    let service = service::alone().await;
    let document = service.client.get("/openapi.json").await;
    testkit::documented::expect_whole(&document.body);
    assert_eq!(document.body["info"]["title"], "order-service");
    testkit::documented::expect_page(&service.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_routes_say_who_is_well() {
    let service = service::alone().await;
    for path in ["/livez", "/readyz", "/health"] {
        let answer = service.well(path).await;
        assert_eq!((answer.status, &answer.body["service"]), (200, &json!("order-service")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_counted_by_their_summary() {
    let service = service::alone().await;
    for _ in 0..3 {
        assert_eq!(service.client.post("/process", &service::message(json!([]))).await.status, 200);
    }
    let metrics = Exposition::parse(&service.client.get("/metrics").await.text);
    for summary in ["BEGIN", "INSERT orders", "INSERT order_items", "COMMIT", "UPDATE orders", "SELECT products"] {
        let count = metrics.sum("db_client_operation_duration_seconds_count", &[("db_query_summary", summary)]);
        assert_eq!(count, 3.0, "{summary}");
    }
    assert_eq!(metrics.sum("http_server_request_duration_seconds_count", &[("http_route", "/process")]), 3.0);
}
