//! With the Collector's help the spans of the module are those that gateway-spans makes of the same requests.

use crate::behind::Behind;
use crate::client::{self, Answer};
use crate::collector::Collector;
use crate::native_spans;
use crate::nginx::{Gateway, free_address};
use crate::stub::{Reply, Stub};
use crate::traces::trace;
use native::nginx::GatewayConfig;
use otlp::TraceTree;
use std::net::SocketAddr;
use std::time::Duration;

crate::expectations! {
    bytes_that_are_no_text_end_at_the_collector,
    they_are_those_of_the_gateway_on_stock_nginx,
}

/// What is asked, and how many spans it leaves.
type Case = (&'static str, usize, fn(SocketAddr) -> Answer);

const IN_PIECES: &str = "a large body in pieces";
const SILENCE: &str = "silence";
/// Until a silent service is given up: short, since the test waits for it. All others have the gateway's usual time: a
/// machine that stands still for a moment would have one gateway give up, and not the other.
const PATIENCE: Duration = Duration::from_millis(300);

const CASES: [Case; 22] = [
    ("a service's answer", 2, |to| client::post(to, "/api/v1/process?token=secret", "{\"a\":1}")),
    ("no body", 2, |to| client::request(to, "GET /api/v1/users", &["User-Agent: curl/8 \"x\\y"])),
    ("an empty body", 2, |to| client::request(to, "POST /api/v1/users", &["Content-Length: 0"])),
    ("an identifier", 2, |to| client::get(to, "/api/v1/users/1001?x=1")),
    ("HEAD", 2, |to| client::request(to, "HEAD /api/v1/users", &[])),
    ("another method", 2, |to| client::request(to, "BREW /api/v1/users", &[])),
    ("a service's 404", 2, |to| client::get(to, "/api/v1/users/404")),
    ("a service's 500", 2, |to| client::get(to, "/api/v1/error")),
    ("a broken answer", 2, |to| client::get(to, "/api/v1/users/broken")),
    ("nobody there", 2, |to| client::post(to, "/api/v1/orders", "{}")),
    (SILENCE, 2, |to| client::get(to, "/api/v1/audit")),
    ("no route", 1, |to| client::get(to, "/nothing/1001?x=1")),
    ("a path to escape", 1, |to| client::get(to, "/\"},\\{\"")),
    ("a wrong method", 1, |to| client::get(to, "/api/v1/process")),
    ("TRACE", 1, |to| client::request(to, "TRACE /api/v1/users", &["User-Agent: tracer"])),
    ("a wrong method of /health", 1, |to| client::request(to, "PUT /health", &["Content-Length: 0"])),
    ("garbage", 1, |to| client::send(to, b"\x16\x03\x01GARBAGE\r\n\r\n")),
    ("a long line", 1, |to| client::get(to, &format!("/{}", "x".repeat(9000)))),
    ("large headers", 1, |to| client::request(to, "GET /api/v1/users/7", &[&format!("X-Large: {}", "x".repeat(9000))])),
    ("a large body", 1, |to| client::post(to, "/api/v1/process", &"x".repeat(300_000))),
    (IN_PIECES, 2, |to| {
        let pieces = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(5);
        let head =
            "POST /api/v1/process HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        client::send(to, format!("{head}{pieces}0\r\n\r\n").as_bytes())
    }),
    ("an unknown coding", 1, |to| client::request(to, "POST /api/v1/process", &["Transfer-Encoding: br"])),
];

/// The two gateways that are compared, with the same settings.
struct Pair {
    with_module: Gateway,
    stock: Gateway,
    stock_spans: native_spans::Spans,
}

impl Pair {
    fn start(stub: &Stub, collector: &Collector, change: impl Fn(&mut GatewayConfig)) -> Self {
        let to_collector = |config: &mut GatewayConfig| Behind::sending_to(config, collector.address);
        let with_module = Gateway::start_before(stub.address, &change, to_collector);
        let stock = Gateway::start_before(stub.address, &change, Behind::nothing);
        let stock_spans = native_spans::Spans::start(&stock.config.access_log);
        Self { with_module, stock, stock_spans }
    }
}

pub fn they_are_those_of_the_gateway_on_stock_nginx() {
    let stub = Stub::start(|request| match request.line.split(' ').nth(1).unwrap_or_default() {
        "/users/404" => Reply::Answer("404 Not Found", vec![], b"{}".to_vec()),
        "/users/broken" => Reply::Raw(""),
        "/error" => Reply::Answer("500 No", vec![], vec![]),
        "/audit" => Reply::Silence,
        _ => Reply::ok("{\"done\":true}"),
    });
    let away = free_address();
    let usual = |config: &mut GatewayConfig| config.order_upstream = away;
    let collector = Collector::start();
    let patient = Pair::start(&stub, &collector, usual);
    let impatient = Pair::start(&stub, &collector, |config| config.read_timeout = PATIENCE);
    for (what, spans, ask) in CASES {
        let Pair { with_module, stock, stock_spans } = if what == SILENCE { &impatient } else { &patient };
        let (own, other) = (ask(with_module.address), ask(stock.address));
        assert_eq!(own.status, other.status, "{what}");
        let own = trace(&collector.receiver, own.trace_id(), spans);
        let other = trace(&stock_spans.receiver, other.trace_id(), spans);
        let (mut own_lines, mut other_lines) = (lines(&own, with_module.address), lines(&other, stock.address));
        if what == IN_PIECES {
            // How much of it was read before there was a connection to the service differs from run to run.
            own_lines.retain(|line| !is_about_the_connection(line));
            other_lines.retain(|line| !is_about_the_connection(line));
            assert!(!own_lines.iter().any(|line| line.contains("http:///")), "{own_lines:?}");
        }
        assert_eq!(own_lines, other_lines, "{what}");
        assert!(own.nodes.iter().all(|node| node.service == "api-gateway" && node.scope == "nginx"), "{what}");
    }
}

/// Of a CLIENT span: to whom it went.
fn is_about_the_connection(line: &str) -> bool {
    ["1   network.peer.", "1   server.", "1   url.full"].iter().any(|about| line.starts_with(about))
}

/// The module passes on what a client sends; a receiver that wants UTF-8 would refuse the whole batch.
pub fn bytes_that_are_no_text_end_at_the_collector() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let collector = Collector::start();
    let gateway = Gateway::start_before(stub.address, |_| {}, |config| Behind::sending_to(config, collector.address));
    let head = b"GET /api/v1/users?\xff HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUser-Agent: a\xff\"b\r\n\r\n";
    let tree = trace(&collector.receiver, client::send(gateway.address, head).trace_id(), 2);
    let edge = &tree.nodes[tree.roots[0]];
    assert_eq!(edge.attribute("user_agent.original").and_then(|value| value.as_str()), Some("a"));
    assert_eq!(edge.attribute("server.address").and_then(|value| value.as_str()), Some("h"));
    assert_eq!(edge.attribute("url.path").and_then(|value| value.as_str()), Some("/api/v1/users"));
    // This reading of them is strict about texts.
    assert_eq!(collector.receiver.spans().len(), 2);
}

/// A line for each span and each attribute, without what differs between two gateways and two requests.
fn lines(tree: &TraceTree, gateway: SocketAddr) -> Vec<String> {
    let mut lines = Vec::new();
    for (depth, node) in tree.preorder() {
        lines.push(format!("{depth} {:?} {} {:?}", node.kind, node.name, node.status));
        let mut attributes: Vec<String> = node
            .attributes
            .iter()
            .map(|(key, value)| match key.as_str() {
                "client.port" => format!("{depth}   client.port is a number: {}", value.as_int().is_some()),
                "server.port" if value.as_int() == Some(gateway.port().into()) => format!("{depth}   server.port ours"),
                _ => format!("{depth}   {key} = {value:?}"),
            })
            .collect();
        attributes.sort();
        lines.extend(attributes);
    }
    lines
}
