//! What is refused, how it is told, and that nothing is written.

use serde_json::{Value, json};
use testkit::refusals::{self, CANARY};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_body_is_refused_and_nothing_is_written() {
    let service = service::alone().await;
    let before = service.rows(r#""user".users"#).await;
    for path in ["/process", "/users"] {
        refusals::of_bodies(service.server.address(), path).await;
    }
    assert_eq!(service.rows(r#""user".users"#).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_are_404_and_other_methods_405() {
    let service = service::alone().await;
    refusals::of_routes(&service.client, "/process", "POST").await;
    refusals::of_routes(&service.client, "/users", "GET, POST").await;
    refusals::of_routes(&service.client, "/users/1001", "GET").await;
    refusals::of_routes(&service.client, "/error", "GET").await;
    service.client.get("/process").await.expect_problem(405, "method-not-allowed");
    service.client.get("/orders").await.expect_problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_cannot_be_are_refused() {
    let service = service::alone().await;
    refusals::of_pages(&service.client, "/users").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_request_is_named_at_once() {
    let service = service::alone().await;
    let request = json!({
        "user_id": 0,
        "user_name": "",
        "user_email": CANARY,
        "items": [
            {"sku": "", "quantity": 0},
            {"sku": "book", "quantity": 1},
            {"sku": "book", "quantity": 1001, "price": CANARY},
            {"quantity": CANARY},
            CANARY,
        ],
        "color/~": CANARY,
    });
    let answer = service.client.post("/process", &request).await;
    answer.expect_problem(422, "invalid-request");
    let expected = [
        "/action",
        "/color~1~0",
        "/items/0/quantity",
        "/items/0/sku",
        "/items/2/price",
        "/items/2/quantity",
        "/items/3/quantity",
        "/items/3/sku",
        "/items/4",
        "/user_email",
        "/user_id",
        "/user_name",
    ];
    assert_eq!(answer.pointers(), expected, "{}", answer.text);
    refusals::unrepeated(&answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_request_is_kept() {
    let service = service::alone().await;
    let long = |length: usize| Value::from("x".repeat(length));
    let items = |count: usize| Value::from(vec![json!({"sku": "book", "quantity": 1}); count]);
    let wrong = [
        ("/user_id", Value::Null),
        ("/user_id", json!("1001")),
        ("/user_id", json!(1.5)),
        ("/user_id", json!(-1)),
        ("/user_id", json!(true)),
        ("/user_id", json!(9_223_372_036_854_775_808_u64)),
        ("/user_id", serde_json::from_str("1e400").unwrap_or(json!(1e300))),
        ("/user_id", json!([1001])),
        ("/action", Value::Null),
        ("/action", json!("")),
        ("/action", long(65)),
        ("/action", json!("tab\there")),
        ("/action", json!("nul\u{0}")),
        ("/action", json!("c1\u{85}")),
        ("/action", json!({"a": 1})),
        ("/user_name", json!(7)),
        ("/user_name", long(201)),
        ("/user_name", json!("line\nbreak")),
        ("/user_email", json!("nobody")),
        ("/user_email", json!("a b@example.com")),
        ("/user_email", json!("a@b@example.com")),
        ("/user_email", json!("nul\u{0}@example.com")),
        ("/user_email", json!(format!("{}@example.com", "x".repeat(254)))),
        ("/items", json!("book")),
        ("/items", json!({"sku": "book"})),
        ("/items", items(101)),
    ];
    for (pointer, value) in wrong {
        let mut request = json!({"user_id": 4242, "action": "buy", "user_name": "A", "user_email": "a@example.com"});
        request[&pointer[1..]] = value;
        let answer = service.client.post("/process", &request).await;
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers(), [pointer], "{request}: {}", answer.text);
    }
    assert_eq!(service.rows(r#""user".users"#).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_an_item_is_kept() {
    let service = service::alone().await;
    let wrong = [
        ("/items/1/quantity", json!({"sku": "book", "quantity": 2_147_483_648_u64})),
        ("/items/1/quantity", json!({"sku": "book", "quantity": 1.5})),
        ("/items/1/quantity", json!({"sku": "book", "quantity": "2"})),
        ("/items/1/quantity", json!({"sku": "book"})),
        ("/items/1/sku", json!({"quantity": 1})),
        ("/items/1/sku", json!({"sku": 1, "quantity": 1})),
        ("/items/1/sku", json!({"sku": "x".repeat(65), "quantity": 1})),
        ("/items/1/sku", json!({"sku": "nul\u{0}", "quantity": 1})),
        ("/items/1/unit_price", json!({"sku": "book", "quantity": 1, "unit_price": "0.01"})),
        ("/items/1", json!([])),
    ];
    for (pointer, item) in wrong {
        let request = json!({"user_id": 1001, "action": "buy", "items": [{"sku": "book", "quantity": 1}, item]});
        let answer = service.client.post("/process", &request).await;
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers(), [pointer], "{request}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_just_can_be_is_taken() {
    let service = service::alone().await;
    let items = vec![json!({"sku": "x".repeat(64), "quantity": 1000}); 100];
    let request = json!({"user_id": 1001, "user_name": "ä".repeat(200), "action": "ü".repeat(64), "items": items});
    let answer = service.client.post("/process", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let nothing = json!({"user_id": 1001, "user_name": null, "user_email": null, "action": "a", "items": null});
    assert_eq!(service.client.post("/process", &nothing).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_new_user_is_named_at_once() {
    let service = service::alone().await;
    let wrong = json!({"id": 0, "name": "a\u{0}b", "email": CANARY, "role": CANARY});
    let answer = service.client.post("/users", &wrong).await;
    answer.expect_problem(422, "invalid-request");
    assert_eq!(answer.pointers(), ["/email", "/id", "/name", "/role"], "{}", answer.text);
    refusals::unrepeated(&answer);
    let overflow = service
        .client
        .post("/users", &json!({"id": 9_223_372_036_854_775_808_u64, "name": "A", "email": "a@example.com"}))
        .await;
    assert_eq!(overflow.expect_problem(422, "invalid-request").pointers(), ["/id"]);
    let empty = service.client.post("/users", &json!({})).await;
    assert_eq!(empty.expect_problem(422, "invalid-request").pointers(), ["/email", "/name"]);
    assert_eq!(service.rows(r#""user".users"#).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lists_at_most_fifty_errors() {
    let service = service::alone().await;
    let items = Value::from(vec![json!({"sku": "", "quantity": 0}); 100]);
    let answer = service.client.post("/process", &json!({"user_id": 1001, "action": "buy", "items": items})).await;
    assert_eq!(answer.expect_problem(422, "invalid-request").pointers().len(), 50);
    let unknown: serde_json::Map<_, _> = (0..10_000).map(|n| (format!("field{n}"), Value::Null)).collect();
    let answer = service.client.post("/process", &Value::from(unknown)).await;
    assert_eq!(answer.expect_problem(422, "invalid-request").pointers().len(), 50);
}
