//! The spans of one line, by OpenTelemetry's semantic conventions for HTTP (stable, 1.42).

use crate::access_line::{AccessLine, Ids, Times, number};
use otlp::encode::{SpanRecord, TraceRequest, Value};
use otlp::{SpanKind, StatusCode};

/// The methods that are span names, the same as the services'; others are made up by clients.
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];
/// nginx lets texts of 8 KiB pass; no one reads more than this of one.
const MAX_TEXT_BYTES: usize = 1024;
/// W3C's sampled flag, and OTLP's for knowing whether the parent is remote.
const SAMPLED: u32 = 0x101;
/// OTLP's flag for a parent in another process.
const REMOTE_PARENT: u32 = 0x200;

type Attributes<'a> = Vec<(&'a str, Value<'a>)>;

/// Appends the SERVER span, and the CLIENT span when a service was asked; says how many.
pub(crate) fn push(request: &mut TraceRequest, line: &AccessLine<'_>, ids: &Ids, times: &Times) -> u64 {
    push_server(request, line, ids, times);
    if line.upstream.is_empty() {
        return 1;
    }
    push_client(request, line, ids, times);
    2
}

fn push_server(request: &mut TraceRequest, line: &AccessLine<'_>, ids: &Ids, times: &Times) {
    let mut attributes = Attributes::with_capacity(16);
    push_method(&mut attributes, line);
    push_text(&mut attributes, "http.route", &line.route);
    push_text(&mut attributes, "url.path", &line.path);
    push_text(&mut attributes, "url.scheme", &line.scheme);
    let status = number(&line.status).filter(|status| *status >= 100);
    push_number(&mut attributes, "http.response.status_code", status);
    push_text(&mut attributes, "server.address", &line.host);
    push_number(&mut attributes, "server.port", number(&line.port));
    push_text(&mut attributes, "client.address", &line.client);
    push_number(&mut attributes, "client.port", number(&line.client_port));
    push_text(&mut attributes, "network.protocol.version", line.protocol.strip_prefix("HTTP/").unwrap_or_default());
    push_text(&mut attributes, "user_agent.original", &line.user_agent);
    push_number(&mut attributes, "http.request.body.size", number(&line.request_body_bytes));
    push_number(&mut attributes, "http.response.body.size", Some(line.response_body_bytes));
    let failed = status.is_some_and(|status| status >= 500);
    if failed {
        push_text(&mut attributes, "error.type", &line.status);
    }
    let named = format!("{} {}", name(line), line.route);
    request.push(&SpanRecord {
        trace_id: ids.trace,
        span_id: ids.server,
        parent_span_id: ids.parent,
        kind: SpanKind::Server,
        name: named.trim_end(),
        start_unix_nanos: times.begin,
        end_unix_nanos: times.end,
        attributes: &attributes,
        status: if failed { StatusCode::Error } else { StatusCode::Unset },
        flags: SAMPLED | if ids.parent.is_some() { REMOTE_PARENT } else { 0 },
        ..SpanRecord::default()
    });
}

fn push_client(request: &mut TraceRequest, line: &AccessLine<'_>, ids: &Ids, times: &Times) {
    let mut attributes = Attributes::with_capacity(12);
    push_method(&mut attributes, line);
    let url = format!("{}://{}{}", line.scheme, line.upstream, line.upstream_path);
    push_text(&mut attributes, "url.full", &url);
    let (address, port) = line.upstream.rsplit_once(':').unwrap_or((&line.upstream, ""));
    let address = address.trim_matches(['[', ']']);
    push_text(&mut attributes, "server.address", address);
    push_number(&mut attributes, "server.port", number(port));
    push_text(&mut attributes, "network.peer.address", address);
    push_number(&mut attributes, "network.peer.port", number(port));
    push_text(&mut attributes, "peer.service", &line.service);
    let answered = number(&line.upstream_header_s.replace('.', "")).and_then(|_| number(&line.upstream_status));
    push_number(&mut attributes, "http.response.status_code", answered);
    let error = match answered {
        Some(status) if status < 400 => None,
        Some(_) => Some(line.upstream_status.as_ref()),
        None => Some(why_unanswered(line)),
    };
    push_text(&mut attributes, "error.type", error.unwrap_or_default());
    request.push(&SpanRecord {
        trace_id: ids.trace,
        span_id: ids.client,
        parent_span_id: Some(ids.server),
        kind: SpanKind::Client,
        name: name(line),
        start_unix_nanos: times.upstream_begin,
        end_unix_nanos: times.upstream_end,
        attributes: &attributes,
        status: if error.is_some() { StatusCode::Error } else { StatusCode::Unset },
        flags: SAMPLED,
        ..SpanRecord::default()
    });
}

/// The words the services' own CLIENT spans use.
fn why_unanswered(line: &AccessLine<'_>) -> &'static str {
    match (line.upstream_status.as_ref(), line.upstream_bytes_sent.as_ref()) {
        ("502", "0") => "connection_refused",
        ("502", _) => "connection_lost",
        ("504", _) => "timeout",
        // The gateway gave up itself: the body was too large or did not come.
        _ => "cancelled",
    }
}

fn known_method<'a>(line: &'a AccessLine<'_>) -> Option<&'a str> {
    METHODS.contains(&line.method.as_ref()).then_some(&line.method)
}

/// A span name has few values.
fn name<'a>(line: &'a AccessLine<'_>) -> &'a str {
    known_method(line).unwrap_or("HTTP")
}

fn push_method<'a>(attributes: &mut Attributes<'a>, line: &'a AccessLine<'_>) {
    match known_method(line) {
        Some(method) => push_text(attributes, "http.request.method", method),
        None => {
            push_text(attributes, "http.request.method", "_OTHER");
            push_text(attributes, "http.request.method_original", &line.method);
        }
    }
}

fn push_text<'a>(attributes: &mut Attributes<'a>, key: &'a str, text: &'a str) {
    if !text.is_empty() {
        attributes.push((key, Value::Str(&text[..text.floor_char_boundary(MAX_TEXT_BYTES)])));
    }
}

fn push_number<'a>(attributes: &mut Attributes<'a>, key: &'a str, number: Option<i64>) {
    attributes.extend(number.map(|number| (key, Value::Int(number))));
}
