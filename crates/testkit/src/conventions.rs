//! The attributes that spans must have, with their types.
//!
//! Source: OpenTelemetry semantic conventions 1.42, HTTP and database spans, resource attributes.

use otlp::SpanKind;
use otlp::tree::{Node, TraceTree, Value};

/// A type of attribute values.
type Type = fn(&Value) -> bool;

const TEXT: Type = |value| value.as_str().is_some_and(|text| !text.is_empty());
const INT: Type = |value| value.as_int().is_some();

/// Of every span's resource.
const RESOURCE: [(&str, Type); 7] = [
    ("service.name", TEXT),
    ("service.version", TEXT),
    ("service.instance.id", TEXT),
    ("deployment.environment.name", TEXT),
    ("telemetry.sdk.language", TEXT),
    ("telemetry.sdk.name", TEXT),
    ("telemetry.sdk.version", TEXT),
];
/// Of a SERVER span.
const SERVER: [(&str, Type); 7] = [
    ("http.request.method", TEXT),
    ("url.path", TEXT),
    ("url.scheme", TEXT),
    ("server.address", TEXT),
    ("server.port", INT),
    ("client.address", TEXT),
    ("network.protocol.version", TEXT),
];
/// Of a CLIENT span of HTTP.
const HTTP_CLIENT: [(&str, Type); 4] =
    [("http.request.method", TEXT), ("url.full", TEXT), ("server.address", TEXT), ("server.port", INT)];
/// Of a CLIENT span of SQL.
const DATABASE: [(&str, Type); 8] = [
    ("db.system.name", TEXT),
    ("db.namespace", TEXT),
    ("db.operation.name", TEXT),
    ("db.query.summary", TEXT),
    ("db.query.text", TEXT),
    ("server.address", TEXT),
    ("server.port", INT),
    ("peer.service", TEXT),
];
/// The types of what is not on every span, where it is.
const TYPES: [(&str, Type); 10] = [
    ("http.response.status_code", INT),
    ("http.route", TEXT),
    ("http.request.method_original", TEXT),
    ("http.request.resend_count", INT),
    ("network.peer.address", TEXT),
    ("network.peer.port", INT),
    ("network.protocol.version", TEXT),
    ("user_agent.original", TEXT),
    ("peer.service", TEXT),
    ("error.type", TEXT),
];
/// What goes with what: where the first is, the second has to be.
const TOGETHER: [(&str, &str); 4] = [
    ("server.address", "server.port"),
    ("network.peer.address", "network.peer.port"),
    ("network.peer.port", "network.peer.address"),
    ("http.request.method_original", "http.request.method"),
];
/// Why a request has no answer, and its span no status.
const UNANSWERED: [&str; 2] = ["panic", "cancelled"];
/// Names of old conventions, and those that would hold what must not be recorded.
const FORBIDDEN: [&str; 12] = [
    "http.method",
    "http.url",
    "http.target",
    "http.status_code",
    "http.client_ip",
    "net.peer.name",
    "net.peer.port",
    "db.system",
    "db.statement",
    "db.name",
    "url.query",
    "enduser.id",
];

/// Checks every span of a trace.
pub fn check(tree: &TraceTree) {
    for (_, node) in tree.preorder() {
        require(node, &node.resource, &RESOURCE);
        match node.kind {
            SpanKind::Server => {
                require(node, &node.attributes, &SERVER);
                let error = node.attribute("error.type").and_then(Value::as_str).unwrap_or_default();
                let answered = node.attribute("http.response.status_code").is_some();
                assert!(answered || UNANSWERED.contains(&error), "{} has no status: {:?}", node.name, node.attributes);
            }
            SpanKind::Client if node.attribute("db.system.name").is_some() => {
                require(node, &node.attributes, &DATABASE);
                assert_eq!(node.attribute("db.query.summary").and_then(Value::as_str), Some(node.name.as_str()));
            }
            SpanKind::Client => require(node, &node.attributes, &HTTP_CLIENT),
            _ => {}
        }
        for (name, is_of_type) in TYPES {
            let value = node.attribute(name);
            assert!(value.is_none_or(is_of_type), "{} ({:?}): {name} is {value:?}", node.name, node.kind);
        }
        for (name, other) in TOGETHER {
            let both = node.attribute(name).is_none() || node.attribute(other).is_some();
            assert!(both, "{} ({:?}) has {name} without {other}", node.name, node.kind);
        }
        for name in FORBIDDEN {
            assert!(node.attribute(name).is_none(), "{} has {name}", node.name);
        }
        // A failed span says how, and one that says how has failed.
        assert_eq!(node.is_error(), node.attribute("error.type").is_some(), "{}: {:?}", node.name, node.attributes);
        assert!(
            node.status_message.is_empty() || node.kind == SpanKind::Internal,
            "{}: {}",
            node.name,
            node.status_message
        );
        let mut keys: Vec<_> = node.attributes.iter().map(|(key, _)| key).collect();
        keys.sort();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "{} has a key twice: {keys:?}", node.name);
    }
}

fn require(node: &Node, attributes: &[(String, Value)], table: &[(&str, Type)]) {
    for (name, is_of_type) in table {
        let value = attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        assert!(value.is_some_and(is_of_type), "{} ({:?}): {name} is {value:?}", node.name, node.kind);
    }
}
