//! How faults end: by themselves, when somebody says so, and when another takes their place.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Chain, chain, clear, gauge, private, set};
use crate::outlines::WHOLE;

/// How long a state may take to come about on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What order has on now.
async fn listed(chain: &Chain) -> Value {
    private(&chain.order).get("/faults").await.body["faults"].clone()
}

/// A request goes through as if there had never been a fault.
async fn nothing_is_left(chain: &Chain) {
    assert_eq!(listed(chain).await, json!([]));
    for kind in ["slow", "errors", "panic", "slow_query", "pool_held"] {
        assert_eq!(gauge(&chain.order, kind).await, Some(0.0), "{kind}");
    }
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tree = chain.backend.expect(answer.trace_id(), WHOLE).await;
    let attributes = tree.nodes.iter().flat_map(|node| &node.attributes).map(|(key, _)| key);
    let events = tree.nodes.iter().flat_map(|node| &node.events).map(|event| &event.name);
    let traces: Vec<_> = attributes.chain(events).filter(|name| name.contains("fault")).collect();
    assert_eq!(traces, [] as [&String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_ends_by_itself_and_leaves_nothing() {
    let chain = chain(&[("DATABASE_CONNECTIONS", "2")]).await;
    let all = ["slow=1ms", "errors=100%", "panic=100%", "slow_query=1ms", "pool_held=2"];
    let begun = Instant::now();
    let answer = private(&chain.order).post("/faults", &json!({"faults": all, "for_ms": 5_000})).await;
    assert_eq!(answer.body["faults"].as_array().map(Vec::len), Some(5), "{}", answer.text);
    while listed(&chain).await != json!([]) {
        assert!(begun.elapsed() < LIMIT, "{}", listed(&chain).await);
    }
    assert!(begun.elapsed() >= Duration::from_secs(5), "not before its time");
    nothing_is_left(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_is_cleared_leaves_nothing() {
    let chain = chain(&[]).await;
    set(&chain.order, &["errors=100%", "pool_held=10"]).await;
    chain.plain().await.expect_problem(502, "bad-upstream-response");
    let cleared = clear(&chain.order).await;
    let told = |fault: &Value| format!("{}={} {}", fault["kind"], fault["value"], fault["requests"]);
    let cleared: Vec<_> = cleared.body["faults"].as_array().expect("faults").iter().map(told).collect();
    assert_eq!(cleared, ["\"errors\"=\"100%\" 1", "\"pool_held\"=\"10\" 1"]);
    nothing_is_left(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_kind_can_be_cleared_and_another_stays() {
    let chain = chain(&[]).await;
    set(&chain.order, &["slow=1ms", "errors=100%"]).await;
    let answer = testkit::Answer::of(private(&chain.order).request(reqwest::Method::DELETE, "/faults/errors")).await;
    assert_eq!(answer.body["faults"][0]["kind"], "errors", "{}", answer.text);
    assert_eq!(chain.plain().await.status, 200);
    assert_eq!(listed(&chain).await[0]["kind"], "slow");
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_a_kind_again_takes_the_place_of_the_first() {
    let chain = chain(&[]).await;
    set(&chain.order, &["errors=100%"]).await;
    chain.plain().await.expect_problem(502, "bad-upstream-response");
    let again = json!({"faults": ["errors=1%"], "for_ms": 120_000});
    private(&chain.order).post("/faults", &again).await;
    let listed = listed(&chain).await;
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["value"]), (Some(1), &json!("1%")), "{listed}");
    assert_eq!(listed[0]["requests"], 0, "it counts anew");
    assert!(listed[0]["left_ms"].as_u64() > Some(60_000), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ends_while_its_pool_is_held_keeps_no_connection() {
    let chain = chain(&[]).await;
    set(&chain.order, &["pool_held=10"]).await;
    let of_order =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'order_service'";
    let begun = Instant::now();
    while chain.database.count(of_order).await < 10 {
        assert!(begun.elapsed() < LIMIT, "the pool is not held");
    }
    chain.order.stop().await;
    let begun = Instant::now();
    // The server notices that a connection was closed a moment later.
    while chain.database.count(of_order).await > 0 {
        assert!(begun.elapsed() < LIMIT, "connections are left");
    }
}
