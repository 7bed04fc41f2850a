//! A part of the chain fails: the answer says what was done, the order says it too, and the trace shows where.

use serde_json::json;
use testkit::stub::Behaviour;
use testkit::{Stub, until};

use crate::gateway::free_address;
use crate::harness::{Chain, Plan, url};
use crate::outlines::FAILS_ON_PURPOSE;

/// Up to the call of the last hop.
const UP_TO_AUDIT: &str = "
    api-gateway server POST /api/v1/process [error: STATUS]
      api-gateway client POST [error: STATUS]
        user-service server POST /process [error: STATUS]
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST [error: STATUS]
            order-service server POST /process [error: STATUS]
              order-service internal price order
                order-service client SELECT products
              order-service client BEGIN
              order-service client INSERT orders
              order-service client INSERT order_items
              order-service client COMMIT
              order-service client POST [error: REASON]
              order-service client UPDATE orders
";

async fn without_audit(behaviour: Option<Behaviour>, variables: Vec<(&'static str, String)>) -> (Chain, Option<Stub>) {
    let stub = match behaviour {
        Some(behaviour) => Some(Stub::start(behaviour).await),
        None => None,
    };
    let instead = stub.as_ref().map_or_else(|| url(free_address()), Stub::url);
    let plan = Plan { instead_of_audit: Some(instead), variables, ..Plan::usual().await };
    (plan.start().await, stub)
}

async fn expect(chain: &Chain, status: u16, code: &str, state: &str, reason: &str) {
    let answer = chain.plain().await;
    answer.expect_problem(status, code);
    let outline = UP_TO_AUDIT.replace("STATUS", &status.to_string()).replace("REASON", reason);
    chain.backend.expect(answer.trace_id(), &outline).await;
    let orders = chain.client.get("/api/v1/orders").await;
    assert_eq!(orders.body["items"][0]["state"], state, "{}", orders.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_is_down_and_nothing_was_done() {
    let (chain, _) = without_audit(None, Vec::new()).await;
    expect(&chain, 503, "dependency-unavailable", "cancelled", "connection_refused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_is_silent_and_the_outcome_is_unknown() {
    let (chain, _stub) = without_audit(Some(Behaviour::Silence), vec![("REQUEST_TIMEOUT_MS", "8000".to_owned())]).await;
    let answer = chain.plain().await;
    answer.expect_problem(504, "outcome-unknown");
    // User does not wait for order to have noted it.
    let state = until("the order's end is noted", async || {
        let orders = chain.client.get("/api/v1/orders").await;
        let state = orders.body["items"][0]["state"].clone();
        if state == "pending" { Err(orders.text) } else { Ok(state) }
    });
    assert_eq!(state.await, "unknown");
    chain.backend.trace(answer.trace_id(), |tree| tree.is_whole() && tree.len() >= 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_hangs_up_and_the_outcome_is_unknown() {
    let (chain, _stub) = without_audit(Some(Behaviour::Close), Vec::new()).await;
    expect(&chain, 504, "outcome-unknown", "unknown", "connection_lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_answers_with_garbage_and_the_outcome_is_unknown() {
    let garbage = Behaviour::Answer(500, "text/html", "<h1>oops</h1>".to_owned());
    let (chain, _stub) = without_audit(Some(garbage), Vec::new()).await;
    expect(&chain, 502, "bad-upstream-response", "unknown", "500").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn error_fails_on_purpose_through_the_whole_trace() {
    let chain = Chain::start().await;
    let answer = chain.client.get("/api/v1/error").await;
    answer.expect_problem(500, "internal");
    chain.backend.expect(answer.trace_id(), FAILS_ON_PURPOSE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_down_and_the_gateway_says_so() {
    let chain = Chain::start().await;
    let Chain { client, backend, user, gateway, .. } = chain;
    user.stop().await;
    let answer = client.post("/api/v1/process", &json!({"user_id": 1001, "action": "a"})).await;
    answer.expect_problem(503, "dependency-unavailable");
    assert_eq!(answer.body["service"], "api-gateway");
    let tree = backend.trace(answer.trace_id(), |tree| tree.len() == 2).await;
    assert!(tree.nodes.iter().all(|span| span.is_error()), "{}", tree.outline());
    drop(gateway);
}
