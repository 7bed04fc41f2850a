//! What is refused, how it is told, and that nothing is written.

use serde_json::{Value, json};
use testkit::refusals::{self, CANARY};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_body_is_refused_and_nothing_is_written() {
    let service = service::alone().await;
    refusals::of_bodies(service.server.address(), "/process").await;
    assert_eq!(service::records(&service).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_are_404_and_other_methods_405() {
    let service = service::alone().await;
    refusals::of_routes(&service.client, "/process", "POST").await;
    refusals::of_routes(&service.client, "/audit", "GET").await;
    service.client.get("/audit/1").await.expect_problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_cannot_be_are_refused() {
    let service = service::alone().await;
    refusals::of_pages(&service.client, "/audit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_message_is_named_at_once() {
    let service = service::alone().await;
    let message = json!({
        "user": {"id": -1, "name": 7},
        "action": "line\nbreak",
        "items": [CANARY],
        "order": {"id": CANARY, "items": [], "total": 79.8, "currency": 3},
    });
    let answer = service.client.post("/process", &message).await;
    answer.expect_problem(422, "invalid-request");
    for pointer in ["/action", "/items/0", "/order/currency", "/order/total", "/user/email", "/user/id", "/user/name"] {
        assert!(answer.pointers().contains(&pointer), "{pointer} is not in {}", answer.text);
    }
    refusals::unrepeated(&answer);
    assert_eq!(service::records(&service).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_recorded_is_refused() {
    let service = service::alone().await;
    let wrong = [
        ("/order/id", json!("not-a-uuid")),
        ("/order/id", json!("")),
        ("/order/total", json!("many")),
        ("/order/total", json!("-1.00")),
        ("/order/total", json!("1000000000000.00")),
        ("/order/total", json!("79228162514264337593543950336")),
        ("/order/total", json!("1e3")),
        ("/order/total", json!(CANARY)),
        ("/order/currency", json!("EURO")),
        ("/order/currency", json!("€")),
        ("/order/currency", json!("nul\u{0}")),
        ("/order/currency", json!("")),
        ("/order/items/0/unit_price", json!("free")),
        ("/order/items/0/quantity", json!(2_147_483_648_u64)),
        ("/user/id", json!(9_223_372_036_854_775_808_u64)),
    ];
    for (pointer, value) in wrong {
        let mut message = service::message();
        *message.pointer_mut(pointer).expect("a place in the message") = value;
        let answer = service.client.post("/process", &message).await;
        assert_eq!(answer.status, 422, "{message}: {}", answer.text);
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers().first(), Some(&pointer), "{message}: {}", answer.text);
        refusals::unrepeated(&answer);
    }
    let mut without = service::message();
    without["order"] = Value::Null;
    assert_eq!(service.client.post("/process", &without).await.status, 200);
    assert_eq!(service::records(&service).await, 1);
}
