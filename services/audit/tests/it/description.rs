//! The OpenAPI document, the page that shows it and the health routes.

use serde_json::json;

use crate::service;

#[test]
fn routes_and_document_say_the_same() {
    testkit::documented::expect_same(audit_service::routes, &audit_service::openapi());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole_and_its_page_is_served() {
    let service = service::alone().await;
    let document = service.client.get("/openapi.json").await;
    testkit::documented::expect_whole(&document.body);
    assert_eq!(document.body["info"]["title"], "audit-service");
    testkit::documented::expect_page(&service.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_routes_say_who_is_well() {
    let service = service::alone().await;
    for path in ["/livez", "/readyz", "/health"] {
        let answer = service.well(path).await;
        assert_eq!((answer.status, &answer.body["service"]), (200, &json!("audit-service")), "{path}");
    }
}
