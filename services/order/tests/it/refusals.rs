//! What is refused, how it is told, and that nothing is written.

use serde_json::{Value, json};
use testkit::refusals::{self, CANARY};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_body_is_refused_and_nothing_is_written() {
    let service = service::alone().await;
    refusals::of_bodies(service.server.address(), "/process").await;
    service::expect_nothing_written(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_are_404_and_other_methods_405() {
    let service = service::alone().await;
    refusals::of_routes(&service.client, "/process", "POST").await;
    refusals::of_routes(&service.client, "/orders", "GET").await;
    refusals::of_routes(&service.client, "/orders/1", "GET").await;
    service.client.post("/orders", &json!({})).await.expect_problem(405, "method-not-allowed");
    service.client.get("/users").await.expect_problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_cannot_be_are_refused() {
    let service = service::alone().await;
    refusals::of_pages(&service.client, "/orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_message_is_named_at_once() {
    let service = service::alone().await;
    let message = json!({
        "user": {"id": 0, "email": 7},
        "action": "",
        "items": [{"sku": "book", "quantity": 0, "unit_price": CANARY}, {"sku": 5}],
        "order": {"id": 1},
    });
    let answer = service.client.post("/process", &message).await;
    answer.expect_problem(422, "invalid-request");
    for pointer in [
        "/action",
        "/items/0/quantity",
        "/items/0/unit_price",
        "/items/1/quantity",
        "/items/1/sku",
        "/user/email",
        "/user/id",
        "/user/name",
    ] {
        assert!(answer.pointers().contains(&pointer), "{pointer} is not in {}", answer.text);
    }
    assert!(answer.pointers().iter().any(|pointer| pointer.starts_with("/order")), "{}", answer.text);
    refusals::unrepeated(&answer);
    service::expect_nothing_written(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_message_is_kept() {
    let service = service::alone().await;
    let wrong = [
        ("/user", "/user", json!("ada")),
        ("/user/id", "/user/id", json!(9_223_372_036_854_775_808_u64)),
        ("/user/id", "/user/id", json!("1")),
        ("/action", "/action", json!("x".repeat(65))),
        ("/action", "/action", json!("nul\u{0}")),
        ("/items", "/items", Value::from(vec![json!({"sku": "book", "quantity": 1}); 101])),
        ("/items", "/items/0/quantity", json!([{"sku": "book", "quantity": 2_147_483_648_u64}])),
        ("/items", "/items/0/sku", json!([{"sku": "nul\u{0}", "quantity": 1}])),
        ("/items", "/items", json!(null)),
    ];
    for (place, pointer, value) in wrong {
        let mut message = service::message(json!([]));
        *message.pointer_mut(place).expect("a place in the message") = value;
        let answer = service.client.post("/process", &message).await;
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers(), [pointer], "{message}: {}", answer.text);
    }
    service::expect_nothing_written(&service).await;
}
