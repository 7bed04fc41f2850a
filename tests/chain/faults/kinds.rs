//! What each kind does to a request, to its trace and to its answer.

use std::time::Duration;

use otlp::tree::Node;
use testkit::openmetrics::Exposition;
use testkit::{Client, until};

use super::{chain, clear, gauge, set, text};
use crate::harness::Chain;
use crate::outlines::WHOLE;

const KIND: &str = "tracechain.fault.kind";
const VALUE: &str = "tracechain.fault.value";

/// The span of order-service's part, which says what it has met.
fn hit<'t>(tree: &'t otlp::TraceTree, kind: &str, value: &str) -> &'t Node {
    let span = tree.find("order-service", "POST /process").expect("order's span");
    assert_eq!(text(span.attribute(KIND)), Some(kind));
    let events: Vec<_> = span.events.iter().filter(|event| event.name == "fault injected").collect();
    assert_eq!(events.len(), kind.split(',').count(), "an event for each");
    assert_eq!(text(events[0].attribute(VALUE)), Some(value));
    let others = tree.nodes.iter().filter(|node| node.attribute(KIND).is_some()).count();
    assert_eq!(others, 1, "nobody else was hit");
    span
}

/// The trace of a request that comes as far as order and fails there.
fn failed_at_order(error: &str, upstream: &str, status: &str, inside: &str) -> String {
    format!(
        "
    api-gateway server POST /api/v1/process [error: {upstream}]
      api-gateway client POST [error: {upstream}]
        user-service server POST /process [error: {upstream}]
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST [error: {status}]
            order-service server POST /process [error: {error}]{inside}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_waits_before_the_handler() {
    let chain = chain(&[]).await;
    set(&chain.order, &["slow=300ms"]).await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tree = chain.backend.expect(answer.trace_id(), WHOLE).await;
    let span = hit(&tree, "slow", "300ms");
    let first = tree.nodes[span.children[0]].start_unix_nanos;
    let waited = Duration::from_nanos(first - span.start_unix_nanos);
    assert!(waited >= Duration::from_millis(300), "{waited:?} before the handler's first span");
    let steps = answer.body["steps"].as_array().expect("steps");
    let of_order = steps.iter().find(|step| step["service"] == "order-service").expect("order's step");
    assert!(of_order["duration_ms"].as_f64() >= Some(300.0), "its own account has the wait, too: {of_order}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_beyond_the_limit_of_the_service_leaves_its_handler_no_time() {
    let chain = chain(&[("REQUEST_TIMEOUT_MS", "3000")]).await;
    set(&chain.order, &["slow=3001ms"]).await;
    let order = Client::new(chain.order.address());
    order.get("/orders").await.expect_problem(503, "deadline-exceeded");
    clear(&chain.order).await;
    // With a connection that is made only now.
    until("it has its time again", async || {
        let answer = order.get("/orders").await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_answers_of_500_for_their_share() {
    let chain = chain(&[]).await;
    set(&chain.order, &["errors=30%"]).await;
    let answer = chain.plain().await;
    answer.expect_problem(502, "bad-upstream-response");
    let tree = chain.backend.expect(answer.trace_id(), &failed_at_order("500", "502", "500", "")).await;
    hit(&tree, "errors", "30%");
    assert_eq!(chain.database.count("SELECT count(*) FROM \"order\".orders").await, 0, "nothing was done");

    let order = Client::new(chain.order.address());
    let mut failed = 0;
    for _ in 1..100 {
        let answer = order.get("/orders").await;
        if answer.status != 200 {
            answer.expect_problem(500, "injected-fault");
            failed += 1;
        }
    }
    assert_eq!(failed, 29, "with the first one 30 of 100");
}

#[tokio::test(flavor = "multi_thread")]
async fn panic_is_a_panic_of_the_handler() {
    let chain = chain(&[]).await;
    set(&chain.order, &["panic=100%"]).await;
    let answer = chain.plain().await;
    answer.expect_problem(502, "bad-upstream-response");
    let tree = chain.backend.expect(answer.trace_id(), &failed_at_order("panic", "502", "500", "")).await;
    hit(&tree, "panic", "100%");
    Client::new(chain.order.address()).get("/orders").await.expect_problem(500, "internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_query_is_a_statement_of_the_services_own() {
    let chain = chain(&[]).await;
    set(&chain.order, &["slow_query=200ms"]).await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let price = "          order-service internal price order\n";
    let outline = WHOLE.replace(price, &format!("          order-service client SELECT pg_sleep\n    {price}"));
    let outline = if outline.contains("pg_sleep") { outline } else { panic!("the outline has changed: {WHOLE}") };
    let tree = chain.backend.expect(answer.trace_id(), &outline).await;
    hit(&tree, "slow_query", "200ms");
    let statement = tree.find("order-service", "SELECT pg_sleep").expect("the statement");
    assert!(statement.duration_nanos() >= 200_000_000, "{}", statement.duration_nanos());
    let text = Client::new(chain.order.address()).get("/metrics").await.text;
    let count = "db_client_operation_duration_seconds_count";
    assert_eq!(Exposition::parse(&text).sum(count, &[("db_query_summary", "SELECT pg_sleep")]), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_query_ends_at_the_limit_of_all_statements() {
    let chain = chain(&[("DATABASE_TIMEOUT_MS", "300")]).await;
    set(&chain.order, &["slow_query=20s"]).await;
    Client::new(chain.order.address()).get("/orders").await.expect_problem(503, "database-unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_held_leaves_statements_without_a_connection() {
    let chain = chain(&[("DATABASE_CONNECTIONS", "2"), ("DATABASE_TIMEOUT_MS", "6000")]).await;
    // The others have their connections before.
    assert_eq!(chain.plain().await.status, 200);
    set(&chain.order, &["pool_held=2"]).await;
    held(&chain, 2).await;
    let answer = chain.plain().await;
    answer.expect_problem(503, "database-unavailable");
    let inside = "
              order-service internal price order
                order-service client SELECT products [error: connection_unavailable]";
    let tree = chain.backend.expect(answer.trace_id(), &failed_at_order("503", "503", "503", inside)).await;
    hit(&tree, "pool_held", "2");
    clear(&chain.order).await;
    used(&chain, 0.0).await;
    assert_eq!(chain.plain().await.status, 200);
}

/// Waits until the fault has so many connections of order's pool. That they are in use is not enough: one may be the
/// service's own, or be opened only now, and a request could come between.
async fn held(chain: &Chain, connections: u32) {
    let faults = super::private(&chain.order);
    until("connections are held", async || {
        let held = faults.get("/faults").await.body["faults"][0]["held"].as_u64();
        if held == Some(connections.into()) { Ok(()) } else { Err(format!("{held:?} are, not {connections}")) }
    })
    .await;
}

/// Waits until so many connections of order's pool are in use.
async fn used(chain: &Chain, connections: f64) {
    let order = Client::new(chain.order.address());
    until("connections are in use", async || {
        let text = order.get("/metrics").await.text;
        let used =
            Exposition::parse(&text).sum("db_client_connection_count", &[("db_client_connection_state", "used")]);
        if used == connections { Ok(()) } else { Err(format!("{used} are, not {connections}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_meet_one_request_in_their_order() {
    let chain = chain(&[]).await;
    set(&chain.order, &["errors=100%", "slow=1ms"]).await;
    let answer = chain.plain().await;
    let tree = chain.backend.expect(answer.trace_id(), &failed_at_order("500", "502", "500", "")).await;
    hit(&tree, "slow,errors", "1ms");
    for (kind, value) in [("slow", 1.0), ("errors", 1.0), ("panic", 0.0), ("slow_query", 0.0), ("pool_held", 0.0)] {
        assert_eq!(gauge(&chain.order, kind).await, Some(value), "{kind}");
        assert_eq!(gauge(&chain.audit, kind).await, Some(0.0), "audit, {kind}");
    }
}
