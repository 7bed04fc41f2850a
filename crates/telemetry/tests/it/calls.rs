//! CLIENT spans of HTTP calls.

use otlp::tree::Value;
use testkit::stub::{self, Behaviour};
use testkit::{Stub, conventions};

use crate::service::Running;

#[tokio::test(flavor = "multi_thread")]
async fn credentials_and_the_query_are_not_recorded() {
    let target = Stub::start(Behaviour::Answer(404, "text/plain", String::new())).await;
    let secret = target.url().replace("http://", "http://canary:canary@") + "/path?token=canary#canary";
    let service = Running::start(&secret).await;
    let tree = service.trace("/call", "  test-service client GET [error: 404]").await;
    conventions::check(&tree);
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
    let call = tree.find("test-service", "GET").expect("the call");
    // reqwest itself makes a header of the credentials.
    let expected = target.url() + "/path";
    assert_eq!(call.attribute("url.full").and_then(Value::as_str), Some(expected.as_str()));
    assert_eq!(call.attribute("http.response.status_code"), Some(&Value::Int(404)));
    assert_eq!(call.attribute("server.address").and_then(Value::as_str), Some("127.0.0.1"));
    let received = target.received();
    let parent = received[0].header("traceparent").expect("a context");
    assert_eq!(&parent[36..52], call.span_id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_answers_says_why() {
    let service = Running::start(&stub::nobody()).await;
    let tree = service.trace("/call", "  test-service client GET [error: connection_refused]").await;
    conventions::check(&tree);
    let call = tree.find("test-service", "GET").expect("the call");
    assert_eq!(call.attribute("http.response.status_code"), None);
    let closing = Stub::start(Behaviour::Close).await;
    let service = Running::start(&closing.url()).await;
    service.trace("/call", "  test-service client GET [error: connection_lost]").await;
}
