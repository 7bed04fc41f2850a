//! The public edge trusts nothing: what a client says of traces, baggage and time ends at the gateway.

use reqwest::Method;
use serde_json::json;
use testkit::Answer;
use testkit::Stub;
use testkit::stub::Behaviour;

use crate::harness::Plan;
use crate::outlines::WHOLE;

const FOREIGN: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_trace_is_not_continued_and_nothing_of_it_goes_on() {
    let stub = Stub::start(Behaviour::Reply).await;
    let chain = Plan { instead_of_audit: Some(stub.url()), ..Plan::usual().await }.start().await;
    let mut request =
        chain.client.request(Method::POST, "/api/v1/process").json(&json!({"user_id": 1001, "action": "a"}));
    for _ in 0..2 {
        request = request
            .header("traceparent", format!("00-{FOREIGN}-b7ad6b7169203331-01"))
            .header("tracestate", "evil=1")
            .header("baggage", "evil=1")
            .header("b3", "1")
            .header("uber-trace-id", "1")
            .header("x-internal-timeout-ms", "1");
    }
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "a foreign deadline was obeyed: {}", answer.text);
    assert_ne!(answer.trace_id(), FOREIGN);
    let received = stub.received();
    let parent = received[0].header("traceparent").expect("a trace goes on");
    assert_eq!(&parent[3..35], answer.trace_id());
    for name in ["tracestate", "baggage", "b3", "uber-trace-id"] {
        assert_eq!(received[0].header(name), None, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_for_trusted_clients_continues_their_trace() {
    let trust = |config: &mut native::nginx::GatewayConfig| config.trust_inbound_trace = true;
    let chain = Plan { gateway: trust, ..Plan::usual().await }.start().await;
    let request = chain.client.request(Method::POST, "/api/v1/process").json(&json!({"user_id": 1001, "action": "a"}));
    let answer = Answer::of(request.header("traceparent", format!("00-{FOREIGN}-b7ad6b7169203331-01"))).await;
    assert_eq!(answer.trace_id(), FOREIGN);
    let missing = WHOLE.replacen("POST /api/v1/process", "POST /api/v1/process [parent missing]", 1);
    chain.backend.expect(FOREIGN, &missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_that_is_left_shrinks_from_hop_to_hop() {
    let stub = Stub::start(Behaviour::Reply).await;
    let cap = vec![("REQUEST_TIMEOUT_MS", "30000".to_owned())];
    let plan = Plan { instead_of_audit: Some(stub.url()), variables: cap, ..Plan::usual().await };
    assert_eq!(plan.start().await.plain().await.status, 200);
    let left = stub.received()[0].header("x-internal-timeout-ms").and_then(|millis| millis.parse::<u64>().ok());
    // Two hops have kept something back by then, a quarter of a second each.
    assert!(left.is_some_and(|left| left <= 29_500 && left > 1_000), "{left:?}");
}
