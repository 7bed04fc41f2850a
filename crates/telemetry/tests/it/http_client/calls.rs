//! What a call's span says.

use std::time::Duration;

use otlp::SpanKind;
use otlp::tree::{Node, TraceTree};
use reqwest::Method;
use testkit::stub::Behaviour;
use testkit::{Stub, conventions};

use crate::web::{Shared, Web, int, text, traced};

/// The CLIENT span of a trace.
fn client(tree: &TraceTree) -> &Node {
    tree.nodes.iter().find(|node| node.kind == SpanKind::Client).expect("a CLIENT span")
}

/// The trace of a request that makes this call.
async fn calling(variables: &[(&str, &str)], shared: Shared) -> TraceTree {
    let tree = Web::with(variables, shared).await.ask("GET /call HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    tree
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_numbers_and_what_is_not_there_is_not_recorded_as_empty() {
    let target = Stub::start(Behaviour::Reply).await;
    let tree = calling(&[], Shared { target: target.url(), ..Shared::default() }).await;
    let span = client(&tree);
    assert_eq!(span.name, "GET");
    assert_eq!(int(span, "http.response.status_code"), Some(200));
    assert_eq!(int(span, "server.port"), target.url().rsplit(':').next().and_then(|port| port.parse().ok()));
    assert_eq!(text(span, "url.full"), Some(&*(target.url() + "/")));
    assert_eq!(text(span, "network.protocol.version"), Some("1.1"));
    assert!(span.attribute("user_agent.original").is_none(), "{span:?}");
    assert!(span.attribute("http.request.resend_count").is_none(), "{span:?}");
    assert!(!span.is_error() && span.attribute("error.type").is_none(), "{span:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_400_on_is_an_error_by_its_code() {
    for status in [404, 503] {
        let target = Stub::start(Behaviour::Answer(status, "text/plain", String::new())).await;
        let tree = calling(&[], Shared { target: target.url(), ..Shared::default() }).await;
        let span = client(&tree);
        assert!(span.is_error() && span.status_message.is_empty(), "{span:?}");
        assert_eq!(text(span, "error.type"), Some(&*status.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_too_long_says_so() {
    let target = Stub::start(Behaviour::Silence).await;
    let client_ = traced(reqwest::Client::builder().timeout(Duration::from_millis(50)));
    let tree = calling(&[], Shared { target: target.url(), client: client_, ..Shared::default() }).await;
    assert_eq!((text(client(&tree), "error.type"), client(&tree).is_error()), (Some("timeout"), true));
    assert!(client(&tree).attribute("http.response.status_code").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_its_caller_gives_up_ends_and_is_no_error() {
    let target = Stub::start(Behaviour::Silence).await;
    let web = Web::with(&[], Shared { target: target.url(), ..Shared::default() }).await;
    let (asked, finish) = (async { target.asked(1).await }, web.shared.finish.clone());
    let (tree, _) = tokio::join!(web.ask("GET /give-up HTTP/1.1", "Host: web\r\n"), async {
        asked.await;
        finish.notify_one();
    });
    conventions::check(&tree);
    let span = client(&tree);
    assert!(!span.is_error(), "{span:?}");
    for key in ["error.type", "http.response.status_code"] {
        assert!(span.attribute(key).is_none(), "{key} in {span:?}");
    }
    let metrics = web.metrics();
    let duration = metrics.0.iter().find(|sample| sample.name == "http_client_request_duration_seconds_count");
    assert!(duration.is_some_and(|sample| !sample.labels.contains_key("error_type")), "{duration:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_known_is_other() {
    let target = Stub::start(Behaviour::Reply).await;
    let method = Method::from_bytes(b"BREW").expect("a method");
    let tree = calling(&[], Shared { target: target.url(), method, ..Shared::default() }).await;
    let span = client(&tree);
    assert_eq!((span.name.as_str(), text(span, "http.request.method")), ("HTTP", Some("_OTHER")));
    assert_eq!(text(span, "http.request.method_original"), Some("BREW"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_recorded_if_a_setting_asks_for_it_and_then_without_secrets() {
    let target = Stub::start(Behaviour::Reply).await;
    let url = target.url() + "/path?q=1&sig=canary#canary";
    let tree = calling(&[], Shared { target: url.clone(), ..Shared::default() }).await;
    assert_eq!(text(client(&tree), "url.full"), Some(&*(target.url() + "/path")));
    let tree = calling(&[("TELEMETRY_URL_QUERY", "redacted")], Shared { target: url, ..Shared::default() }).await;
    assert_eq!(text(client(&tree), "url.full"), Some(&*(target.url() + "/path?q=1&sig=REDACTED")));
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_labels_of_a_call_are_its_server_and_how_it_ended() {
    let target = Stub::start(Behaviour::Answer(503, "text/plain", String::new())).await;
    let web = Web::with(&[], Shared { target: target.url(), ..Shared::default() }).await;
    web.ask("GET /call HTTP/1.1", "Host: web\r\n").await;
    let url = target.url();
    let labels = [
        ("http_request_method", "GET"),
        ("server_address", "127.0.0.1"),
        ("server_port", url.rsplit(':').next().expect("a port")),
        ("http_response_status_code", "503"),
        ("error_type", "503"),
        ("network_protocol_version", "1.1"),
    ];
    assert_eq!(web.metrics().sum("http_client_request_duration_seconds_count", &labels), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ipv6_hosts_have_no_brackets() {
    let target = Web::on("[::1]:0", &[], Shared::default(), false).await;
    let shared = Shared { target: format!("http://{}/", target.address), ..Shared::default() };
    let tree = calling(&[], shared).await;
    let span = client(&tree);
    assert_eq!((text(span, "server.address"), int(span, "http.response.status_code")), (Some("::1"), Some(200)));
    assert_eq!(text(span, "peer.service"), Some("web"), "the answer names the trace and the service");
}

#[tokio::test]
async fn a_request_that_cannot_be_built_says_why() {
    let request = reqwest::Client::new().get("http://[no address");
    let error = telemetry::http_client::send(request).await.expect_err("it has no URL");
    assert!(error.is_builder(), "{error}");
}
