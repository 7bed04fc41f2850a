//! Trees of whole, torn and hostile traces.

use otlp::encode::{SpanRecord, TraceRequest, Value};
use otlp::tree::{Problem, Style};
use otlp::{SpanId, SpanKind, StatusCode, TraceId, TraceTree, json};
use proptest::collection::vec;
use proptest::prelude::*;

const TRACE: TraceId = TraceId([7; 16]);

fn id(number: u8) -> SpanId {
    SpanId([0, 0, 0, 0, 0, 0, 0, number])
}

fn span<'a>(number: u8, parent: u8, kind: SpanKind, name: &'a str, start: u64) -> SpanRecord<'a> {
    SpanRecord {
        trace_id: TRACE,
        span_id: id(number),
        parent_span_id: (parent > 0).then(|| id(parent)),
        kind,
        name,
        start_unix_nanos: start * 1_000_000,
        end_unix_nanos: (100 - start) * 1_000_000,
        ..SpanRecord::default()
    }
}

fn request(service: &str, spans: &[SpanRecord<'_>]) -> Vec<u8> {
    let mut request = TraceRequest::new(&[("service.name", Value::Str(service))], "test", "1");
    spans.iter().for_each(|span| request.push(span));
    request.bytes().to_vec()
}

fn tree(requests: &[Vec<u8>]) -> TraceTree {
    TraceTree::from_protobuf(TRACE, requests.iter().map(|request| &request[..])).unwrap()
}

const CALL: &[(&str, Value<'_>)] = &[
    ("http.request.method", Value::Str("POST")),
    ("http.response.status_code", Value::Int(500)),
    ("peer.service", Value::Str("user-service")),
];

fn chain() -> [Vec<u8>; 2] {
    let client = SpanRecord { attributes: CALL, ..span(2, 1, SpanKind::Client, "POST", 1) };
    let failed = SpanRecord {
        status: StatusCode::Error,
        attributes: &[("error.type", Value::Str("500"))],
        ..span(3, 2, SpanKind::Server, "POST /process", 2)
    };
    [
        request(
            "user-service",
            &[span(5, 3, SpanKind::Client, "INSERT users", 4), span(4, 3, SpanKind::Client, "SELECT users", 3), failed],
        ),
        request("api-gateway", &[client, span(1, 0, SpanKind::Server, "POST /api/v1/process", 0)]),
    ]
}

const OUTLINE: &str = "\
api-gateway server POST /api/v1/process
  api-gateway client POST
    user-service server POST /process [error: 500]
      user-service client SELECT users
      user-service client INSERT users
";

#[test]
fn a_whole_trace_is_outlined_in_order_of_start() {
    let tree = tree(&chain());
    assert_eq!(tree.outline(), OUTLINE);
    assert_eq!(tree.problems(), []);
    assert!(tree.is_whole());
    assert_eq!(tree.find("user-service", "POST /process").unwrap().span_id, id(3));
    assert_eq!(tree.duration_nanos(), 100_000_000);
}

#[test]
fn the_same_tree_is_built_from_json() {
    let requests = chain().concat();
    let document = json::from_protobuf(&requests).unwrap();
    assert_eq!(TraceTree::from_json(TRACE, document.as_bytes()).unwrap(), tree(&chain()));
}

#[test]
fn spans_of_other_traces_and_repeated_ones_are_left_out() {
    let [user, gateway] = chain();
    let other = SpanRecord { trace_id: TraceId([8; 16]), ..span(9, 0, SpanKind::Server, "x", 0) };
    let tree = tree(&[user.clone(), gateway, request("y", &[other]), user]);
    assert_eq!(tree.outline(), OUTLINE);
    assert_eq!(tree.duplicates, 3);
}

#[test]
fn a_missing_parent_is_named() {
    let [user, _] = chain();
    let tree = tree(&[user]);
    assert_eq!(tree.missing_parents, [id(2)]);
    assert_eq!(tree.problems(), [Problem::Roots(0), Problem::MissingParent(id(2))]);
    assert!(tree.outline().starts_with("user-service server POST /process [error: 500] [parent missing]\n"));
}

#[test]
fn an_answer_without_a_server_span_is_not_whole() {
    let [_, gateway] = chain();
    let problems = tree(&[gateway]).problems();
    let text = "user-service answered span 0000000000000002 of api-gateway but has no span of it";
    assert_eq!(problems.iter().map(Problem::to_string).collect::<Vec<_>>(), [text]);
}

#[test]
fn a_request_without_an_answer_is_whole() {
    let client = SpanRecord { attributes: &CALL[..1], ..span(2, 1, SpanKind::Client, "POST", 1) };
    assert!(tree(&[request("a", &[span(1, 0, SpanKind::Server, "r", 0), client])]).is_whole());
    let client = SpanRecord { attributes: &CALL[..2], ..span(2, 1, SpanKind::Client, "POST", 1) };
    assert!(tree(&[request("a", &[span(1, 0, SpanKind::Server, "r", 0), client])]).is_whole());
}

#[test]
fn nothing_and_two_roots_are_not_whole() {
    assert_eq!(tree(&[]).problems(), [Problem::Empty]);
    let roots = [span(1, 0, SpanKind::Server, "a", 0), span(2, 0, SpanKind::Server, "b", 0)];
    assert_eq!(tree(&[request("s", &roots)]).problems(), [Problem::Roots(2)]);
}

#[test]
fn a_cycle_is_drawn_once_and_said() {
    let spans = [
        span(1, 0, SpanKind::Server, "root", 0),
        span(2, 4, SpanKind::Internal, "b", 2),
        span(3, 2, SpanKind::Internal, "c", 3),
        span(4, 3, SpanKind::Internal, "d", 4),
        span(5, 5, SpanKind::Internal, "self", 5),
    ];
    let tree = tree(&[request("s", &spans)]);
    assert_eq!(tree.problems(), [Problem::Cycle]);
    assert_eq!(tree.outline(), "s server root\ns internal b\n  s internal c\n    s internal d\ns internal self\n");
}

#[test]
fn a_tree_is_drawn_with_durations_and_bars() {
    let drawn = tree(&chain()).render(&Style::default());
    let expected = "\
trace 07070707070707070707070707070707  5 spans, 2 services, 100 ms
api-gateway server POST /api/v1/process                  100 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
└─ api-gateway client POST                              98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
   └─ user-service server POST /process [error: 500]    96.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      ├─ user-service client SELECT users               94.0 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      └─ user-service client INSERT users               92.0 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
";
    assert_eq!(drawn, expected);
    let coloured = tree(&chain()).render(&Style { colour: true, columns: 60 });
    assert!(coloured.contains("\u{1b}[31m [error: 500]\u{1b}[0m"));
    assert!(!coloured.contains('━'));
}

#[test]
fn a_name_cannot_command_the_terminal() {
    let name = "\u{1b}[2J\nx\u{9b}";
    let tree = tree(&[request(name, &[span(1, 0, SpanKind::Server, name, 0)])]);
    for text in [tree.outline(), tree.render(&Style::default())] {
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()));
    }
    assert_eq!(tree.outline().lines().count(), 1);
}

#[test]
fn a_very_deep_trace_is_drawn_in_little_text() {
    let mut request = TraceRequest::new(&[], "", "");
    for number in 1..20_000_u64 {
        let id = |number: u64| SpanId(number.to_be_bytes());
        request.push(&SpanRecord {
            trace_id: TRACE,
            span_id: id(number),
            parent_span_id: (number > 1).then(|| id(number - 1)),
            ..SpanRecord::default()
        });
    }
    let tree = tree(&[request.bytes().to_vec()]);
    assert!(tree.is_whole());
    assert!(tree.outline().len() < 20_000 * 300);
    assert!(tree.render(&Style::default()).len() < 20_000 * 1_000);
}

proptest! {
    /// Any parents at all: every span is drawn exactly once.
    #[test]
    fn every_span_is_in_the_tree_once(parents in vec(0_u8..12, 1..12), starts in vec(0_u64..50, 12)) {
        let spans: Vec<_> = parents.iter().zip(1..).zip(starts)
            .map(|((&parent, number), start)| span(number, parent, SpanKind::Internal, "s", start))
            .collect();
        let tree = tree(&[request("s", &spans)]);
        let mut seen: Vec<_> = tree.preorder().map(|(_, node)| node.span_id).collect();
        seen.sort();
        let all: Vec<_> = spans.iter().map(|span| span.span_id).collect();
        prop_assert_eq!(seen, all);
    }
}
