//! What goes well: one request, one whole trace.

use otlp::tree::Value as Attribute;
use serde_json::json;

use crate::harness::Chain;
use crate::outlines::WHOLE;

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_request_gives_one_whole_trace() {
    let chain = Chain::start().await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("x-trace-id"), answer.trace_id(), "body and header name the same trace");
    let tree = chain.backend.expect(answer.trace_id(), WHOLE).await;
    assert!(tree.is_whole(), "{:?}", tree.problems());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_sums_up_what_every_hop_did() {
    let chain = Chain::start().await;
    let items = json!([{"sku": "book", "quantity": 2}, {"sku": "sticker", "quantity": 3}]);
    let answer = chain.process(&json!({"user_id": 1002, "action": "purchase", "items": items})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["user"]["name"], "Grace Hopper");
    assert_eq!(answer.body["order"]["total"], "82.77");
    assert_eq!(answer.body["order"]["currency"], "EUR");
    assert!(answer.body["audit"]["id"].is_string() && answer.body["audit"]["recorded_at"].is_string());
    let link = answer.body["links"]["trace"].as_str().expect("a link");
    assert!(link.ends_with(answer.trace_id()), "{link}");
    let steps = answer.body["steps"].as_array().expect("steps");
    let services: Vec<_> = steps.iter().filter_map(|step| step["service"].as_str()).collect();
    assert_eq!(services, ["user-service", "order-service", "audit-service"]);
    let durations: Vec<_> = steps.iter().filter_map(|step| step["duration_ms"].as_f64()).collect();
    assert!(durations.is_sorted_by(|a, b| a >= b), "each hop takes at least as long as the later ones: {durations:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_created_and_ordered_for() {
    let chain = Chain::start().await;
    let new = json!({"user_id": 7, "user_name": "John Doe", "user_email": "john@example.com", "action": "purchase"});
    assert_eq!(chain.process(&new).await.status, 200);
    let shown = chain.client.get("/api/v1/users/7").await;
    assert_eq!(shown.body, json!({"id": 7, "name": "John Doe", "email": "john@example.com"}));
    let orders = chain.client.get("/api/v1/orders").await;
    assert_eq!(orders.body["items"][0]["state"], "completed");
    let audit = chain.client.get("/api/v1/audit").await;
    assert_eq!(audit.body["items"][0]["order_id"], orders.body["items"][0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_requests_give_ten_whole_traces_and_no_line_is_lost() {
    let chain = Chain::start().await;
    for number in 1..=10 {
        let body = json!({"user_id": 1000 + number, "action": format!("test_{number}")});
        let answer = chain.process(&body).await;
        chain.backend.expect(answer.trace_id(), WHOLE).await;
    }
    assert_eq!(chain.gateway.stop().await, (10, 20), "ten lines, and two spans of each");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_say_what_the_business_did() {
    let chain = Chain::start().await;
    let items = json!([{"sku": "book", "quantity": 1}, {"sku": "mug", "quantity": 2}]);
    let answer = chain.process(&json!({"user_id": 1001, "action": "purchase", "items": items})).await;
    let tree = chain.backend.expect(answer.trace_id(), WHOLE).await;
    let order = tree.find("order-service", "POST /process").expect("order's span");
    let expected = [
        ("user.id", Attribute::Str("1001".to_owned())),
        ("order.id", Attribute::Str(answer.body["order"]["id"].as_str().expect("an id").to_owned())),
        ("order.total", Attribute::Double(58.9)),
        ("order.currency", Attribute::Str("EUR".to_owned())),
        ("order.item_count", Attribute::Int(2)),
        ("order.state", Attribute::Str("completed".to_owned())),
    ];
    for (key, value) in expected {
        assert_eq!(order.attribute(key), Some(&value), "{key}");
    }
    let pricing = tree.find("order-service", "price order").expect("the pricing's span");
    let priced: Vec<_> =
        pricing.events.iter().map(|event| event.attribute("item.sku").and_then(Attribute::as_str)).collect();
    assert_eq!(priced, [Some("book"), Some("mug")], "one event an item");
    let statement = tree.find("order-service", "INSERT orders").expect("a statement's span");
    assert_eq!(statement.attribute("peer.service").and_then(Attribute::as_str), Some("postgresql"));
    let namespace = statement.attribute("db.namespace").and_then(Attribute::as_str).expect("a namespace");
    assert!(namespace.ends_with("|order"), "{namespace}");
}
