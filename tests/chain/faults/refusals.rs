//! Who is refused a fault, and that there are none unless somebody has switched them on.

use reqwest::Method;
use serde_json::json;
use testkit::{Answer, Backend, Client, Settings, fraud_service};

use super::{chain, gauge, on, private};
use crate::harness::{Chain, Plan};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_switch_there_is_neither_a_port_nor_a_metric() {
    let chain = Chain::start().await;
    for server in [&chain.user, &chain.order, &chain.audit] {
        assert_eq!(server.faults_address(), None);
        assert_eq!(gauge(server, "slow").await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_gateway_nor_the_public_port_knows_of_faults() {
    let chain = chain(&[]).await;
    let body = json!({"faults": ["slow=1s"], "for_ms": 1_000});
    for (client, path) in [
        (Client::new(chain.order.address()), "/faults"),
        (chain.client.clone(), "/faults"),
        (chain.client.clone(), "/api/v1/faults"),
    ] {
        client.post(path, &body).await.expect_problem(404, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_whole_with_its_range() {
    let chain = chain(&[]).await;
    let order = private(&chain.order);
    let body = json!({"faults": ["slow=1s", "fast=1s", "errors=200%", "pool_held=11"], "for_ms": 1_000});
    let answer = order.post("/faults", &body).await;
    answer.expect_problem(422, "invalid-request");
    assert_eq!(answer.pointers(), ["/faults/1", "/faults/2", "/faults/3"]);
    for said in ["there are slow, slow_query, pool_held, errors, panic", "from 1% to 100%", "must be 10 at most"] {
        assert!(answer.text.contains(said), "{said:?} is not in {}", answer.text);
    }
    assert_eq!(order.get("/faults").await.body["faults"], json!([]), "none of them is on");
    for (body, pointer) in [
        (json!({"faults": ["slow=1s"], "for_ms": 3_600_001}), "/for_ms"),
        (json!({"faults": ["slow=1s"], "for_ms": 0}), "/for_ms"),
        (json!({"faults": [], "for_ms": 1}), "/faults"),
    ] {
        assert_eq!(order.post("/faults", &body).await.expect_problem(422, "invalid-request").pointers(), [pointer]);
    }
    let plain = order.request(Method::POST, "/faults").body(r#"{"faults": ["slow=1s"], "for_ms": 1}"#);
    Answer::of(plain).await.expect_problem(415, "unsupported-media-type");
    Answer::of(order.request(Method::DELETE, "/faults/fast")).await.expect_problem(404, "not-found");
    order.get("/").await.expect_problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_service_has_them_too_but_for_those_of_a_database() {
    let backend = Backend::start().await;
    let settings = on().into_iter().fold(Settings::new(&backend), |settings, (name, value)| settings.with(name, value));
    let config = fraud_service::config(settings.environment()).expect("valid settings");
    let fraud = fraud_service::start(config).await.expect("it starts");
    let refused = private(&fraud).post("/faults", &json!({"faults": ["slow_query=1s"], "for_ms": 1_000})).await;
    refused.expect_problem(422, "invalid-request");
    assert!(refused.text.contains("this service has none"), "{}", refused.text);
    super::set(&fraud, &["errors=100%"]).await;
    let plan = Plan { instead_of_audit: Some(crate::harness::url(fraud.address())), backend, ..Plan::usual().await };
    let chain = plan.start().await;
    chain.plain().await.expect_problem(502, "bad-upstream-response");
    assert_eq!(gauge(&fraud, "errors").await, Some(1.0));
    for path in ["/readyz", "/health", "/metrics", "/livez"] {
        assert_eq!(Client::new(fraud.address()).get(path).await.status, 200, "{path} tells the truth");
    }
}

#[test]
fn a_switch_that_is_neither_on_nor_off_is_refused() {
    let environment = chassis::Environment::from_iter([("FAULTS", "yes"), ("FAULTS_LISTEN", "nowhere")]);
    let error = fraud_service::config(environment).expect_err("both are wrong").to_string();
    assert!(error.contains("FAULTS must be 1 (on) or 0 (off)"), "{error}");
    assert!(error.contains("FAULTS_LISTEN must be an address with a port"), "{error}");
}
