//! Sampling is decided at the gateway, and obeyed by every hop.

use native::nginx::Sampler;

use crate::harness::{Chain, Plan};
use crate::outlines::WHOLE;

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_is_not_sampled_leaves_no_span_anywhere() {
    let off =
        |config: &mut native::nginx::GatewayConfig| config.sampler = Sampler::parse("always_off", None).expect("known");
    let chain = Plan { gateway: off, ..Plan::usual().await }.start().await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.trace_id().len(), 32, "there is a trace id all the same");
    let Chain { gateway, user, order, audit, backend, .. } = chain;
    // Their ends flush whatever there is.
    for server in [user, order, audit] {
        server.stop().await;
    }
    assert_eq!(gateway.stop().await, (1, 0), "one line, and no span of it");
    assert_eq!(backend.server().store().counters().spans, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_obey_the_gateway_whatever_they_would_sample_themselves() {
    let off = vec![("OTEL_TRACES_SAMPLER", "parentbased_always_off".to_owned())];
    let chain = Plan { variables: off, ..Plan::usual().await }.start().await;
    let answer = chain.plain().await;
    chain.backend.expect(answer.trace_id(), WHOLE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_telemetry_changes_no_answer() {
    let disabled = vec![("OTEL_SDK_DISABLED", "true".to_owned())];
    let off =
        |config: &mut native::nginx::GatewayConfig| config.sampler = Sampler::parse("always_off", None).expect("known");
    let chain = Plan { variables: disabled, gateway: off, ..Plan::usual().await }.start().await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["order"]["total"], "39.90");
    let refused = chain.client.get("/api/v1/users/5").await;
    refused.expect_problem(404, "not-found");
}
