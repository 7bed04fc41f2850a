//! Names and email addresses stay out of everything that is exported, unless somebody asks for them.

use reqwest::Method;
use serde_json::json;
use testkit::stub::Behaviour;
use testkit::{Answer, Running, Stub};

use crate::service;

const NAME: &str = "Canary Nightingale";
const EMAIL: &str = "canary.nightingale@example.com";

/// Sends the name and the address by every way there is, and gives back every byte that was exported, and `/metrics`.
async fn exported(pii: &str) -> String {
    let collector = Stub::start(Behaviour::Answer(200, "application/x-protobuf", String::new())).await;
    let next = Stub::start(Behaviour::Reply).await;
    let service = service::start(|settings| {
        let settings = settings.with("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()).with("TELEMETRY_PII", pii);
        settings.with("NEXT_SERVICE_URL", next.url())
    })
    .await;
    send_everywhere(&service).await;
    service.flush().await;
    let spans = collector.received().into_iter().flat_map(|request| request.bytes).collect::<Vec<_>>();
    format!("{}{}", String::from_utf8_lossy(&spans), service.client.get("/metrics").await.text)
}

async fn send_everywhere(service: &Running) {
    let created = service
        .client
        .post("/process", &json!({"user_id": 4242, "user_name": NAME, "user_email": EMAIL, "action": "buy"}))
        .await;
    assert_eq!(created.status, 200, "{}", created.text);
    let known = service.client.post("/process", &json!({"user_id": 4242, "action": "buy"})).await;
    assert_eq!(known.body["user"]["name"], NAME);
    service.client.post("/users", &json!({"name": NAME, "email": EMAIL})).await.expect_problem(409, "conflict");
    service
        .client
        .post("/users", &json!({"name": NAME, "email": EMAIL, "id": 0}))
        .await
        .expect_problem(422, "invalid-request");
    let query = format!("/users?limit=1&email={EMAIL}");
    service.client.get(&query).await.expect_problem(422, "invalid-request");
    assert_eq!(service.client.get("/users/4242").await.body["email"], EMAIL);
    let odd = service
        .client
        .request(Method::GET, "/users")
        .header("baggage", format!("user.email={EMAIL}"))
        .header("cookie", EMAIL);
    assert_eq!(Answer::of(odd.header("authorization", NAME)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_exported_byte_and_no_metric_has_a_name_or_an_email_address() {
    let exported = exported("off").await;
    assert!(exported.contains("POST /process") && exported.contains("SELECT users"), "nothing was exported");
    for secret in ["Canary", "Nightingale", "canary", "nightingale", "user.email", "user.name", "limit=1"] {
        assert!(!exported.contains(secret), "{secret} was exported");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_email_addresses_are_there_for_who_asks_for_them() {
    let exported = exported("plain").await;
    for wanted in ["user.name", NAME, "user.email", EMAIL] {
        assert!(exported.contains(wanted), "{wanted} was not exported");
    }
}
