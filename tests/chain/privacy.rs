//! Names and email addresses reach the database and the answer, and no span. What a client says in other headers than those
//! of its request reaches nobody.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::stub::Behaviour;
use testkit::{Answer, Client, Stub};

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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_says_in_headers_and_in_its_query_ends_at_the_gateway() {
    let receiver = Stub::start(Behaviour::Answer(200, "application/x-protobuf", String::new())).await;
    let audit = Stub::start(Behaviour::Reply).await;
    let variables = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()), ("OTEL_METRICS_EXPORTER", "otlp".to_owned())];
    let plan = Plan { variables, instead_of_audit: Some(audit.url()), ..Plan::usual().await };
    let chain = plan.start().await;
    let request = chain.client.request(Method::POST, "/api/v1/process?token=canary-query").json(&canary());
    let request = request
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .header("tracestate", "vendor=canary-state")
        .header("baggage", format!("tenant.id=canary-baggage,user.email={EMAIL}"))
        .header("authorization", "Bearer canary-token")
        .header("cookie", "session=canary-cookie");
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for server in [&chain.user, &chain.order] {
        let telemetry = server.telemetry().clone();
        tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("all is delivered");
    }
    let received = receiver.received();
    for path in ["/v1/traces", "/v1/metrics"] {
        assert!(received.iter().any(|request| request.path == path), "nothing was sent to {path}");
    }
    let mut said: Vec<_> =
        received.iter().map(|request| String::from_utf8_lossy(&request.bytes).into_owned()).collect();
    assert!(said.iter().any(|text| text.contains("POST /process")), "the spans are there: {said:?}");
    said.push(format!("{:?}", audit.received()[0].headers));
    for text in said {
        assert!(!text.contains("Canary") && !text.contains("canary"), "{text}");
    }
}
