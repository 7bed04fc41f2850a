//! The spans of the module as they leave nginx.

use crate::behind::Behind;
use crate::client;
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use crate::traces::trace;
use native::nginx::{GatewayConfig, Sampler};
use otlp::tree::Node;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::Receiver;

crate::expectations! {
    a_request_is_the_edges_span_and_the_hops_and_the_service_gets_the_hops_as_parent,
    a_refusal_is_one_span_wherever_it_is_made,
    a_continued_trace_has_the_callers_span_as_parent_also_when_it_is_refused_early,
    what_is_not_sampled_is_not_sent,
    no_attribute_of_the_gateways_own_has_a_byte_that_is_no_text,
    a_slow_body_ends_both_spans,
    the_last_spans_are_sent_when_it_ends,
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn gateway(upstream: SocketAddr, change: impl Fn(&mut GatewayConfig)) -> (Gateway, Receiver) {
    let receiver = Receiver::start();
    let gateway = Gateway::start_before(upstream, change, |config| Behind::sending_to(config, receiver.address()));
    (gateway, receiver)
}

fn text<'t>(node: &'t Node, key: &str) -> Option<&'t str> {
    node.attribute(key).and_then(|value| value.as_str())
}

pub fn a_request_is_the_edges_span_and_the_hops_and_the_service_gets_the_hops_as_parent() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let (gateway, receiver) = gateway(stub.address, |_| {});
    let answer = client::post(gateway.address, "/api/v1/process", "{}");
    let tree = trace(&receiver, answer.trace_id(), 2);
    let names: Vec<_> = tree.preorder().map(|(depth, node)| (depth, node.name.as_str())).collect();
    assert_eq!(names, [(0, "POST /api/v1/process"), (1, "POST")]);
    let (edge, hop) = (&tree.nodes[tree.roots[0]], tree.children(&tree.nodes[tree.roots[0]]).next().unwrap());
    assert_eq!((text(edge, "gateway.hop"), text(hop, "gateway.hop")), (None, Some("upstream")));
    assert_eq!(text(hop, "peer.service"), Some("user-service"));
    let parent = format!("00-{}-{}-01", answer.trace_id(), hop.span_id);
    assert_eq!(stub.only_request().all("traceparent"), [parent]);
}

pub fn a_refusal_is_one_span_wherever_it_is_made() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let (gateway, receiver) = gateway(stub.address, |_| {});
    let to = gateway.address;
    for (answer, status) in [
        (client::get(to, "/nothing"), 404),
        (client::request(to, "TRACE /api/v1/users", &[]), 405),
        (client::request(to, "PUT /health", &["Content-Length: 0"]), 405),
        (client::request(to, "POST /api/v1/process", &["Transfer-Encoding: br"]), 501),
        // Its body never comes, and the answer does not wait for it.
        (client::send(to, b"POST /api/v1/process HTTP/1.1\r\nContent-Length: 300000\r\n\r\n"), 400),
    ] {
        assert_eq!(answer.status, status);
        let tree = trace(&receiver, answer.trace_id(), 1);
        assert!(tree.nodes[0].parent_span_id.is_none() && text(&tree.nodes[0], "gateway.hop").is_none());
    }
    assert!(stub.requests().is_empty());
}

pub fn a_continued_trace_has_the_callers_span_as_parent_also_when_it_is_refused_early() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    for (line, spans) in [("GET /api/v1/users", 2), ("GET /nothing", 1), ("TRACE /api/v1/users", 1)] {
        let (gateway, receiver) = gateway(stub.address, |config| config.trust_inbound_trace = true);
        let answer = client::request(gateway.address, line, &[&format!("traceparent: 00-{TRACE}-{SPAN}-01")]);
        assert_eq!(answer.trace_id(), TRACE);
        let tree = trace(&receiver, TRACE, spans);
        assert_eq!(tree.missing_parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [SPAN], "{line}");
    }
}

pub fn what_is_not_sampled_is_not_sent() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let half = |config: &mut GatewayConfig| config.sampler = Sampler::parse("traceidratio", Some("0.5")).unwrap();
    let (gateway, receiver) = gateway(stub.address, half);
    let mut due = Vec::new();
    // None or all of 60 at one half: once in 2^59 runs.
    for index in 0..60 {
        let line = if index % 3 == 0 { "TRACE /api/v1/users" } else { "GET /api/v1/users" };
        let answer = client::request(gateway.address, line, &[]);
        due.push((answer.trace_id().to_owned(), index % 3 == 0));
    }
    let sampled = |id: &str| gateway_sampled(&gateway, id, due.len());
    let (kept, left_out): (Vec<_>, Vec<_>) = due.iter().partition(|(id, _)| sampled(id));
    assert!(!kept.is_empty() && !left_out.is_empty());
    for (id, refused) in kept {
        trace(&receiver, id, if *refused { 1 } else { 2 });
    }
    let came: Vec<_> = receiver.spans().iter().map(|span| span.trace_id.clone()).collect();
    for (id, _) in left_out {
        let id = u128::from_str_radix(id, 16).unwrap().to_be_bytes().to_vec();
        assert!(!came.contains(&id));
    }
}

fn gateway_sampled(gateway: &Gateway, id: &str, lines: usize) -> bool {
    gateway.log(lines).iter().any(|line| line["trace_id"] == id && line["sampled"] == 1)
}

pub fn no_attribute_of_the_gateways_own_has_a_byte_that_is_no_text() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let (gateway, receiver) = gateway(stub.address, |_| {});
    // Newer versions of nginx refuse such a host.
    for (line, host) in [
        ("GET /api/v1/users?\u{fe}", "h"),
        ("GET /nothing/\u{fe}x", "h"),
        ("TRACE /api/v1/\u{fe}", "h"),
        ("GET /nothing", "h\u{fe}"),
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: a\u{fe}b\r\n\r\n");
        // One byte each, which alone is no UTF-8.
        let bytes: Vec<u8> = head.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_ne!(client::send(gateway.address, &bytes).all("X-Trace-Id"), Vec::<&str>::new());
    }
    let texts = crate::wait::until("all spans came", || {
        let messages: Vec<Vec<u8>> = receiver.requests().into_iter().map(|request| request.message).collect();
        let texts: Vec<_> = messages.iter().flat_map(|message| own_texts(message)).collect();
        // One of each request; the hop's span has none.
        (texts.iter().filter(|(key, _)| key == b"gateway.agent").count() == 4).then_some(texts)
    });
    assert!(texts.iter().all(|(_, text)| text.is_ascii()), "{texts:?}");
    // Where the host is refused, nothing is read behind it.
    assert!(texts.iter().filter(|(key, text)| key == b"gateway.agent" && text == b"a").count() >= 3, "{texts:?}");
}

/// The attributes whose names begin with `gateway.` and their texts, of a message that no decoder of OTLP would take: a
/// key with its length, then a field of an `AnyValue` with its text, all of them shorter than 128 bytes.
fn own_texts(message: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let starts = message.windows(8).enumerate().filter(|(_, window)| *window == b"gateway.");
    let read = |(at, _): (usize, &[u8])| {
        let (key, rest) = message[at..].split_at(message[at - 1].into());
        // 0x12, the value's length, 0x0a, the text's length.
        let length = usize::from(*rest.get(3)?);
        (rest[0] == 0x12).then(|| (key.to_vec(), rest[4..4 + length].to_vec()))
    };
    starts.filter_map(read).collect()
}

pub fn a_slow_body_ends_both_spans() {
    use std::io::{Read, Write};
    let stub = Stub::start(|_| Reply::ok("{}"));
    let (gateway, receiver) = gateway(stub.address, |config| config.body_timeout = Duration::from_millis(200));
    let mut slow = std::net::TcpStream::connect(gateway.address).unwrap();
    slow.write_all(b"POST /api/v1/process HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{").unwrap();
    let _ = slow.read_to_end(&mut Vec::new());
    let line = gateway.log(1).remove(0);
    let tree = trace(&receiver, line["trace_id"].as_str().unwrap(), 2);
    let edge = &tree.nodes[tree.roots[0]];
    assert_eq!(edge.attribute("http.status_code").and_then(|value| value.as_int()), Some(408));
    assert_eq!(text(tree.children(edge).next().unwrap(), "gateway.outcome"), Some("cancelled"));
}

pub fn the_last_spans_are_sent_when_it_ends() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let (gateway, receiver) = gateway(stub.address, |_| {});
    let ids: Vec<String> =
        (0..5).map(|_| client::get(gateway.address, "/api/v1/users").trace_id().to_owned()).collect();
    drop(gateway);
    for id in ids {
        assert_eq!(trace(&receiver, &id, 2).len(), 2);
    }
}
