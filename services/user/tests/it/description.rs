//! The OpenAPI document, the page that shows it, and the health routes.

use serde_json::Value;

use crate::service;

#[test]
fn routes_and_document_say_the_same() {
    testkit::documented::expect_same(user_service::routes, &user_service::openapi());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole_and_its_page_is_served() {
    let service = service::alone().await;
    let document = service.client.get("/openapi.json").await;
    assert_eq!((document.status, document.header("content-type")), (200, "application/json"));
    testkit::documented::expect_whole(&document.body);
    assert_eq!(document.body["info"]["title"], "user-service");
    assert_eq!(document.body["info"]["version"], env!("CARGO_PKG_VERSION"));
    testkit::documented::expect_page(&service.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_routes_say_who_is_well() {
    let service = service::alone().await;
    for path in ["/livez", "/readyz", "/health"] {
        let answer = service.well(path).await;
        assert_eq!(
            (&answer.body["status"], &answer.body["service"]),
            (&Value::from("ok"), &Value::from("user-service"))
        );
    }
}
