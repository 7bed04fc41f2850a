//! Names and email addresses reach the database and the answer, and no span.

use serde_json::{Value, json};
use testkit::Client;

use crate::harness::{Chain, Plan};

const NAME: &str = "Canary Wharfinger";
const EMAIL: &str = "canary.wharfinger@example.com";

fn canary() -> Value {
    json!({"user_id": 77, "user_name": NAME, "user_email": EMAIL, "action": "purchase"})
}

#[tokio::test(flavor = "multi_thread")]
async fn no_exported_byte_and_no_metric_says_who_somebody_is() {
    let chain = Chain::start().await;
    let answer = chain.process(&canary()).await;
    assert_eq!(answer.body["user"]["email"], EMAIL);
    let listed = chain.client.get("/api/v1/users?cursor=&limit=1").await;
    chain.backend.trace(answer.trace_id(), |tree| tree.is_whole() && tree.len() >= 21).await;
    let api = Client::new(chain.backend.server().http_addr());
    let exported = api.get(&format!("/api/traces/{}", answer.trace_id())).await.text;
    assert!(exported.contains("user.id"), "the trace is there: {exported}");
    let mut seen = vec![exported, listed.text];
    for server in [&chain.user, &chain.order, &chain.audit] {
        seen.push(Client::new(server.address()).get("/metrics").await.text);
    }
    for text in seen {
        assert!(!text.contains("Canary") && !text.contains("canary"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_for_demonstrations_shows_them() {
    let plain = vec![("TELEMETRY_PII", "plain".to_owned())];
    let chain = Plan { variables: plain, ..Plan::usual().await }.start().await;
    let answer = chain.process(&canary()).await;
    let tree = chain.backend.trace(answer.trace_id(), |tree| tree.is_whole() && tree.len() >= 21).await;
    let user = tree.find("user-service", "POST /process").expect("user's span");
    assert_eq!(user.attribute("user.email").and_then(|email| email.as_str()), Some(EMAIL));
    assert_eq!(user.attribute("user.name").and_then(|name| name.as_str()), Some(NAME));
}
