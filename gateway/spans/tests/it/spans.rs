//! The spans of what nginx really logs.

use crate::client;
use crate::collector::{Collector, Spans};
use crate::nginx::{Gateway, free_address};
use crate::stub::{Reply, Stub};
use native::nginx::GatewayConfig;
use otlp::tree::{Node, TraceTree};
use std::net::SocketAddr;
use std::time::Duration;

/// Short, since a test waits for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Everything between a client and a collector.
struct Chain {
    gateway: Gateway,
    spans: Spans,
    collector: Collector,
}

fn chain(upstream: SocketAddr, change: impl Fn(&mut GatewayConfig)) -> Chain {
    let gateway = Gateway::start(upstream, change);
    let collector = Collector::start();
    let spans = Spans::start(&gateway.config.access_log, collector.address());
    Chain { gateway, spans, collector }
}

fn text<'t>(node: &'t Node, key: &str) -> Option<&'t str> {
    node.attribute(key).and_then(|value| value.as_str())
}

fn number(node: &Node, key: &str) -> Option<i64> {
    node.attribute(key).and_then(|value| value.as_int())
}

fn server_and_client(tree: &TraceTree) -> (&Node, &Node) {
    let server = &tree.nodes[tree.roots[0]];
    (server, tree.children(server).next().unwrap())
}

#[test]
fn a_request_that_reached_a_service_is_a_server_and_a_client_span() {
    let stub = Stub::start(|_| Reply::ok("{\"done\":true}"));
    let chain = chain(stub.address, |_| {});
    let answer = client::post(chain.gateway.address, "/api/v1/process?token=secret", "{}");
    let tree = chain.collector.trace(answer.trace_id(), 2);
    assert_eq!(tree.outline().trim_end(), "api-gateway server POST /api/v1/process\n  api-gateway client POST");
    let (server, client) = server_and_client(&tree);
    let given = stub.only_request().all("traceparent")[0].to_owned();
    assert_eq!(given, format!("00-{}-{}-01", answer.trace_id(), client.span_id));
    assert_eq!(server.span_id.to_string(), answer.trace_id()[16..]);
    assert_eq!(server.parent_span_id, None);
    for (key, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/process"),
        ("url.path", "/api/v1/process"),
        ("url.scheme", "http"),
        ("server.address", "gateway.test"),
        ("client.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(text(server, key), Some(value), "{key}");
    }
    assert_eq!(number(server, "http.response.status_code"), Some(200));
    assert_eq!(number(server, "server.port"), Some(chain.gateway.address.port().into()));
    assert_eq!(number(server, "http.request.body.size"), Some(2));
    assert_eq!(number(server, "http.response.body.size"), Some(13));
    let port = i64::from(stub.address.port());
    assert_eq!(text(client, "url.full"), Some(format!("http://{}/process", stub.address).as_str()));
    assert_eq!((text(client, "server.address"), number(client, "server.port")), (Some("127.0.0.1"), Some(port)));
    assert_eq!(number(client, "network.peer.port"), Some(port));
    assert_eq!(text(client, "peer.service"), Some("user-service"));
    assert_eq!(number(client, "http.response.status_code"), Some(200));
    assert!(server.start_unix_nanos <= client.start_unix_nanos && client.end_unix_nanos <= server.end_unix_nanos);
    assert!(!format!("{tree:?}").contains("secret"));
}

#[test]
fn refusals_are_server_spans_that_did_not_fail() {
    let chain = chain(free_address(), |_| {});
    let to = chain.gateway.address;
    let large = format!("X-Large: {}", "x".repeat(9000));
    for (answer, name, status) in [
        (client::get(to, "/nothing/1001"), "GET", 404),
        (client::get(to, "/api/v1/process"), "GET /api/v1/process", 405),
        (client::request(to, "TRACE /api/v1/users", &[]), "TRACE /api/v1/users", 405),
        (client::request(to, "QUERY /nothing", &[]), "QUERY", 404),
        (client::request(to, "BREW /nothing", &[]), "HTTP", 404),
        (client::send(to, b"\x16\x03\x01GARBAGE\r\n\r\n"), "HTTP", 400),
        (client::get(to, &format!("/{}", "x".repeat(9000))), "GET", 414),
        (client::request(to, "GET /api/v1/users/7", &[&large]), "GET /api/v1/users/{id}", 431),
        (client::post(to, "/api/v1/process", &"x".repeat(300_000)), "POST /api/v1/process", 413),
    ] {
        assert_eq!(answer.status, status);
        let tree = chain.collector.trace(answer.trace_id(), 1);
        assert_eq!(tree.outline().trim_end(), format!("api-gateway server {name}"));
        let server = &tree.nodes[0];
        assert_eq!(number(server, "http.response.status_code"), Some(status.into()));
        assert!(!server.is_error() && text(server, "error.type").is_none());
        assert_eq!(text(server, "http.route").is_some(), name.contains('/'));
        let original = (name == "HTTP" && status == 404).then_some("BREW");
        assert_eq!(text(server, "http.request.method_original"), original);
        assert_eq!(text(server, "http.request.method") == Some("_OTHER"), name == "HTTP");
    }
}

#[test]
fn a_services_answer_marks_the_client_span_from_400_and_the_server_span_from_500() {
    for (answered, outline) in [
        ("404 Not Found", "api-gateway server GET /api/v1/error\n  api-gateway client GET [error: 404]"),
        ("500 No", "api-gateway server GET /api/v1/error [error: 500]\n  api-gateway client GET [error: 500]"),
    ] {
        let stub = Stub::start(move |_| Reply::Answer(answered, vec![], vec![]));
        let chain = chain(stub.address, |_| {});
        let answer = client::get(chain.gateway.address, "/api/v1/error");
        let tree = chain.collector.trace(answer.trace_id(), 2);
        assert_eq!(tree.outline().trim_end(), outline);
        let (_, client) = server_and_client(&tree);
        assert_eq!(number(client, "http.response.status_code"), Some(answer.status.into()));
    }
}

#[test]
fn a_service_that_did_not_answer_leaves_a_client_span_that_says_why() {
    // Only who is silent is given up soon: another answer may come late from a machine that stands still for a moment.
    let cases: [(_, fn(&mut GatewayConfig), _, _); 3] = [
        (None, |_| {}, "connection_refused", 503),
        (Some(Stub::start(|_| Reply::Silence)), |config| config.read_timeout = PATIENCE, "timeout", 504),
        (Some(Stub::start(|_| Reply::Raw(""))), |_| {}, "connection_lost", 502),
    ];
    for (stub, change, why, status) in cases {
        let upstream = stub.as_ref().map_or_else(free_address, |stub| stub.address);
        let chain = chain(upstream, change);
        let answer = client::get(chain.gateway.address, "/api/v1/orders");
        assert_eq!(answer.status, status);
        let tree = chain.collector.trace(answer.trace_id(), 2);
        let expected =
            format!("api-gateway server GET /api/v1/orders [error: {status}]\n  api-gateway client GET [error: {why}]");
        assert_eq!(tree.outline().trim_end(), expected);
        let (_, client) = server_and_client(&tree);
        assert_eq!(number(client, "http.response.status_code"), None);
        assert_eq!(text(client, "peer.service"), Some("order-service"));
    }
}

#[test]
fn a_continued_trace_has_the_callers_span_as_parent() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let chain = chain(stub.address, |config| config.trust_inbound_trace = true);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("traceparent: 00-{trace}-b7ad6b7169203331-01");
    client::request(chain.gateway.address, "GET /api/v1/users", &[&header]);
    let tree = chain.collector.trace(trace, 2);
    assert_eq!(tree.missing_parents.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b7ad6b7169203331"]);
}

#[test]
fn what_is_not_sampled_is_counted_and_not_sent() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let chain = chain(stub.address, |config| {
        config.sampler = native::nginx::Sampler::parse("always_off", None).unwrap();
    });
    client::get(chain.gateway.address, "/api/v1/users");
    chain.spans.until_counted("lines_unsampled", |counts| counts.lines_unsampled.get(), 1);
    let counts = chain.spans.stop();
    assert_eq!((counts.lines_read.get(), counts.spans_made.get()), (1, 0));
    assert!(chain.collector.requests().is_empty());
}

#[test]
fn bytes_that_are_no_text_do_not_hide_a_request() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let chain = chain(stub.address, |_| {});
    let mut request =
        b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: a\xff\x01\"b".to_vec();
    request.extend_from_slice(&b"z".repeat(5000));
    request.extend_from_slice(b"\r\n\r\n");
    let answer = client::send(chain.gateway.address, &request);
    let tree = chain.collector.trace(answer.trace_id(), 2);
    let agent = text(server_and_client(&tree).0, "user_agent.original").unwrap();
    assert!(agent.starts_with("a\u{fffd}\u{1}\"bzz") && agent.len() <= 1024, "{agent}");
}
