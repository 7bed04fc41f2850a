//! OTLP JSON, back and forth, and against the reference crate's reading of it.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otlp::json;
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};

use crate::arbitrary;

proptest! {
    #[test]
    fn a_request_survives_json(request in arbitrary::request()) {
        let text = json::from_protobuf(&request.encode_to_vec()).unwrap();
        let back = json::to_protobuf(text.as_bytes()).unwrap();
        prop_assert_eq!(ExportTraceServiceRequest::decode(&back[..]).unwrap(), request);
    }

    #[test]
    fn the_json_is_json(request in arbitrary::request()) {
        let text = json::from_protobuf(&request.encode_to_vec()).unwrap();
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\":,a-z0-9 ]{0,80}") {
        let _ = json::to_protobuf(text.as_bytes());
    }
}

/// The example of the OTLP specification's repository, cut to one span.
const EXAMPLE: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",
  "value":{"stringValue":"my.service"}}]},"scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0",
  "attributes":[{"key":"my.scope.attribute","value":{"stringValue":"some scope attribute"}}]},
  "spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174",
  "parentSpanId":"EEE19B7EC3C1B173","name":"I'm a server span","startTimeUnixNano":"1544712660000000000",
  "endTimeUnixNano":"1544712661000000000","kind":2,"attributes":[{"key":"my.span.attr",
  "value":{"stringValue":"some value"}}]}]}]}]}"#;

#[test]
fn the_example_of_the_specification_reads_as_the_reference_reads_it() {
    let ours = json::to_protobuf(EXAMPLE.as_bytes()).unwrap();
    let reference: ExportTraceServiceRequest = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(ExportTraceServiceRequest::decode(&ours[..]).unwrap(), reference);
}

fn span(fields: Value) -> Value {
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]})
}

fn read(fields: Value) -> Result<opentelemetry_proto::tonic::trace::v1::Span, String> {
    let bytes = json::to_protobuf(span(fields).to_string().as_bytes()).map_err(|e| e.to_string())?;
    let request = ExportTraceServiceRequest::decode(&bytes[..]).unwrap();
    Ok(request.resource_spans[0].scope_spans[0].spans[0].clone())
}

#[test]
fn numbers_names_snake_case_nulls_and_unknown_fields_are_read() {
    let span = read(json!({
        "trace_id": "0102", "startTimeUnixNano": 5, "endTimeUnixNano": 1e3, "kind": "SPAN_KIND_CLIENT",
        "status": {"code": "STATUS_CODE_ERROR"}, "links": null, "from_the_future": {"a": 1},
        "attributes": [
            {"key": "i", "value": {"intValue": 7}},
            {"key": "b", "value": {"bytesValue": "_-8"}},
            {"key": "d", "value": {"doubleValue": "-Infinity"}},
        ],
    }))
    .unwrap();
    assert_eq!(span.trace_id, [1, 2]);
    assert_eq!((span.start_time_unix_nano, span.end_time_unix_nano, span.kind), (5, 1000, 3));
    assert_eq!(span.status.unwrap().code, 2);
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
    let values: Vec<_> = span.attributes.into_iter().map(|a| a.value.unwrap().value.unwrap()).collect();
    let expected = [Any::IntValue(7), Any::BytesValue(vec![0xff, 0xef]), Any::DoubleValue(f64::NEG_INFINITY)];
    assert_eq!(values, expected);
}

#[test]
fn what_is_wrong_is_said_with_its_path() {
    assert_eq!(
        read(json!({"traceId": "xy"})).unwrap_err(),
        "resourceSpans[0].scopeSpans[0].spans[0].traceId: an even number of hexadecimal digits is expected"
    );
    assert_eq!(
        read(json!({"attributes": [{"key": "a", "value": {"intValue": "1.5"}}]})).unwrap_err(),
        "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue: a 64-bit integer is expected"
    );
    assert_eq!(json::to_protobuf(b"[]").unwrap_err().to_string(), "an object is expected");
    assert!(json::to_protobuf(b"{").unwrap_err().to_string().starts_with("not JSON: "));
}

#[test]
fn not_a_number_and_control_characters_survive() {
    let text = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"a\u0001\n\"\\","value":{"doubleValue":"NaN"}}]},"scopeSpans":[]}]}"#;
    let bytes = json::to_protobuf(text.as_bytes()).unwrap();
    assert_eq!(json::from_protobuf(&bytes).unwrap(), text);
}

#[test]
fn a_document_nested_without_end_is_refused() {
    let deep = "{\"resourceSpans\":".to_owned() + &"[".repeat(100_000);
    assert!(json::to_protobuf(deep.as_bytes()).is_err());
}
