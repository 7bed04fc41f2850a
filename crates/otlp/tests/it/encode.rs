//! What is encoded here, opentelemetry-proto decodes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use otlp::encode::{EventRecord, LinkRecord, SpanRecord, TraceRequest, Value};
use otlp::{SpanId, SpanKind, StatusCode, TraceId};
use prost::Message;

const TRACE: TraceId = TraceId([7; 16]);

fn decode(request: &TraceRequest) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest::decode(request.bytes()).unwrap()
}

fn spans(request: &TraceRequest) -> Vec<Span> {
    decode(request).resource_spans[0].scope_spans.iter().flat_map(|scope| scope.spans.clone()).collect()
}

#[test]
fn every_field_of_a_span_arrives() {
    let attributes = [
        ("text", Value::Str("é")),
        ("yes", Value::Bool(true)),
        ("minus", Value::Int(-1)),
        ("half", Value::Double(0.5)),
        ("list", Value::StrArray(&["a", ""])),
        ("raw", Value::Bytes(&[0, 255])),
    ];
    let span = SpanRecord {
        trace_id: TRACE,
        span_id: SpanId([1; 8]),
        parent_span_id: Some(SpanId([2; 8])),
        trace_state: "a=b",
        kind: SpanKind::Client,
        name: "SELECT users",
        start_unix_nanos: 1,
        end_unix_nanos: u64::MAX,
        attributes: &attributes,
        dropped_attributes: 3,
        events: &[EventRecord { unix_nanos: 5, name: "priced", attributes: &attributes[..1], dropped_attributes: 1 }],
        dropped_events: 4,
        links: &[LinkRecord {
            trace_id: TRACE,
            span_id: SpanId([3; 8]),
            trace_state: "c=d",
            attributes: &[],
            dropped_attributes: 2,
            flags: 1,
        }],
        dropped_links: 5,
        status: StatusCode::Error,
        status_message: "no",
        flags: 0x301,
    };
    let mut request = TraceRequest::new(&[("service.name", Value::Str("user-service"))], "scope", "1");
    request.push(&span);

    let decoded = decode(&request);
    let resource = decoded.resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(resource.attributes[0].key, "service.name");
    let scope = decoded.resource_spans[0].scope_spans[0].scope.as_ref().unwrap();
    assert_eq!((scope.name.as_str(), scope.version.as_str()), ("scope", "1"));
    let got = &spans(&request)[0];
    assert_eq!(got.trace_id, [7; 16]);
    assert_eq!(got.span_id, [1; 8]);
    assert_eq!(got.parent_span_id, [2; 8]);
    assert_eq!(got.trace_state, "a=b");
    assert_eq!(got.kind, 3);
    assert_eq!(got.name, "SELECT users");
    assert_eq!((got.start_time_unix_nano, got.end_time_unix_nano), (1, u64::MAX));
    assert_eq!((got.dropped_attributes_count, got.dropped_events_count, got.dropped_links_count), (3, 4, 5));
    assert_eq!(got.flags, 0x301);
    let status = got.status.as_ref().unwrap();
    assert_eq!((status.code, status.message.as_str()), (2, "no"));
    assert_eq!((got.events[0].time_unix_nano, got.events[0].name.as_str()), (5, "priced"));
    assert_eq!(got.events[0].attributes[0], got.attributes[0]);
    assert_eq!((got.links[0].span_id.as_slice(), got.links[0].flags), (&[3; 8][..], 1));
    let values: Vec<_> = got.attributes.iter().map(|a| a.value.clone().unwrap().value.unwrap()).collect();
    assert_eq!(values[0], Any::StringValue("é".into()));
    assert_eq!(values[1], Any::BoolValue(true));
    assert_eq!(values[2], Any::IntValue(-1));
    assert_eq!(values[3], Any::DoubleValue(0.5));
    assert!(matches!(&values[4], Any::ArrayValue(list) if list.values.len() == 2));
    assert_eq!(values[5], Any::BytesValue(vec![0, 255]));
}

#[test]
fn messages_of_every_length_keep_their_bounds() {
    let mut request = TraceRequest::new(&[], "", "");
    let lengths = [0, 1, 60, 110, 126, 127, 128, 129, 16_300, 16_383, 16_384, 3_000_000];
    for length in lengths {
        let name = "n".repeat(length);
        let attributes = [("key", Value::Str(&name))];
        request.push(&SpanRecord { trace_id: TRACE, name: &name, attributes: &attributes, ..SpanRecord::default() });
    }
    let names: Vec<_> = spans(&request).iter().map(|span| span.name.len()).collect();
    assert_eq!(names, lengths);
}

#[test]
fn a_cleared_request_keeps_resource_and_first_scope() {
    let mut request = TraceRequest::new(&[("k", Value::Int(1))], "first", "");
    let empty = request.bytes().to_vec();
    request.push(&SpanRecord { trace_id: TRACE, ..SpanRecord::default() });
    request.scope("second", "2");
    request.push(&SpanRecord { trace_id: TRACE, name: "x", ..SpanRecord::default() });
    assert_eq!(request.len(), 2);
    let scopes = decode(&request).resource_spans[0].scope_spans.clone();
    assert_eq!(scopes[1].scope.as_ref().unwrap().name, "second");
    assert_eq!(scopes[1].spans[0].name, "x");

    request.clear();
    assert!(request.is_empty());
    assert_eq!(request.bytes(), empty);
    request.push(&SpanRecord { trace_id: TRACE, ..SpanRecord::default() });
    assert_eq!(spans(&request).len(), 1);
}

#[test]
fn more_attributes_events_and_links_are_added_while_writing() {
    let mut request = TraceRequest::new(&[], "", "");
    request.push_with(&SpanRecord { trace_id: TRACE, ..SpanRecord::default() }, |span| {
        span.attributes().push("a", Value::Int(1));
        span.attributes().push_array("b", [Value::Int(1), Value::Int(2)]);
        span.event_with(&EventRecord::default(), |attributes| attributes.push("c", Value::Bool(false)));
        span.link_with(&LinkRecord::default(), |attributes| attributes.push("d", Value::Double(1.0)));
    });
    let span = &spans(&request)[0];
    assert_eq!(span.attributes.len(), 2);
    assert_eq!(span.events[0].attributes[0].key, "c");
    assert_eq!(span.links[0].attributes[0].key, "d");
}

#[test]
fn pushing_after_warm_up_does_not_grow_the_buffer() {
    let mut request = TraceRequest::new(&[], "s", "");
    let span = SpanRecord { trace_id: TRACE, name: "warm", ..SpanRecord::default() };
    request.push(&span);
    let address = request.bytes().as_ptr();
    for _ in 0..100 {
        request.clear();
        request.push(&span);
    }
    assert_eq!(request.bytes().as_ptr(), address);
}
