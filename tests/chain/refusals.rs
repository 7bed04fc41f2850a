//! Bad input: a clear answer, nothing written, the trace kept, and no span marked as an error of the server.

use reqwest::Method;
use serde_json::json;
use testkit::Answer;

use crate::harness::Chain;
use crate::outlines::UNKNOWN_USER;

async fn nothing_was_written(chain: &Chain) {
    for table in ["\"order\".orders", "audit.audit_logs"] {
        assert_eq!(chain.database.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_a_404_with_a_whole_trace() {
    let chain = Chain::start().await;
    let answer = chain.process(&json!({"user_id": 5, "action": "purchase"})).await;
    answer.expect_problem(404, "not-found");
    chain.backend.expect(answer.trace_id(), UNKNOWN_USER).await;
    nothing_was_written(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_cannot_be_are_a_422_with_a_whole_trace() {
    let chain = Chain::start().await;
    let answer = chain
        .process(&json!({"user_id": 0, "action": "a\nb", "items": [{"sku": "book", "quantity": 0}], "x": 1}))
        .await;
    answer.expect_problem(422, "invalid-request");
    assert_eq!(answer.pointers(), ["/action", "/items/0/quantity", "/user_id", "/x"]);
    chain
        .backend
        .expect(
            answer.trace_id(),
            "
            api-gateway server POST /api/v1/process
              api-gateway client POST [error: 422]
                user-service server POST /process
            ",
        )
        .await;
    nothing_was_written(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_outside_of_the_catalogue_is_refused_by_order_and_told_by_user() {
    let chain = Chain::start().await;
    let answer =
        chain.process(&json!({"user_id": 1001, "action": "buy", "items": [{"sku": "gold", "quantity": 1}]})).await;
    answer.expect_problem(422, "invalid-request");
    assert_eq!(answer.pointers(), ["/items/0/sku"]);
    chain
        .backend
        .expect(
            answer.trace_id(),
            "
            api-gateway server POST /api/v1/process
              api-gateway client POST [error: 422]
                user-service server POST /process
                  user-service internal resolve profile
                    user-service client SELECT users
                  user-service client POST [error: 422]
                    order-service server POST /process
                      order-service internal price order
                        order-service client SELECT products
            ",
        )
        .await;
    nothing_was_written(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_at_the_gateway_names_a_trace_that_opens() {
    let chain = Chain::start().await;
    let post = |body: Vec<u8>| {
        chain.client.request(Method::POST, "/api/v1/process").header("content-type", "application/json").body(body)
    };
    let text = chain.client.request(Method::POST, "/api/v1/process").header("content-type", "text/plain").body("{}");
    let cases = [
        (Answer::of(post(b"{".to_vec())).await, 400, "malformed-json"),
        (Answer::of(text).await, 415, "unsupported-media-type"),
        (Answer::of(post(vec![b' '; 256 * 1024 + 1])).await, 413, "payload-too-large"),
        (chain.client.get("/api/v1/process").await, 405, "method-not-allowed"),
        (chain.client.get("/api/v1/metrics").await, 404, "not-found"),
        (chain.client.get("/metrics").await, 404, "not-found"),
    ];
    for (answer, status, code) in cases {
        answer.expect_problem(status, code);
        assert_eq!(answer.body["trace_id"], answer.header("x-trace-id"));
        let tree = chain.backend.trace(answer.trace_id(), |tree| tree.is_whole()).await;
        let root = &tree.nodes[tree.roots[0]];
        assert_eq!((root.service.as_str(), root.is_error()), ("api-gateway", false), "{}", tree.outline());
    }
    nothing_was_written(&chain).await;
}
