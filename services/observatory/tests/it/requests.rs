//! Requests as an exporter would send them.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use otlp::TraceId;

pub const SECOND: u64 = 1_000_000_000;

/// The trace with this last byte.
pub fn trace(number: u8) -> TraceId {
    let mut id = [0; 16];
    id[15] = number;
    TraceId(id)
}

pub fn text(key: &str, value: &str) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue(value.into())) });
    KeyValue { key: key.into(), value, ..KeyValue::default() }
}

/// A span that begins at second `1000 + trace` and takes a second.
pub fn span(trace_number: u8, number: u8, parent: u8) -> Span {
    let start = (1000 + u64::from(trace_number)) * SECOND;
    Span {
        trace_id: trace(trace_number).0.to_vec(),
        span_id: vec![number; 8],
        parent_span_id: if parent > 0 { vec![parent; 8] } else { vec![] },
        name: format!("span {number}"),
        kind: 2,
        start_time_unix_nano: start,
        end_time_unix_nano: start + SECOND,
        ..Span::default()
    }
}

pub fn failed(span: Span) -> Span {
    Span { status: Some(Status { code: 2, message: "no".into() }), ..span }
}

pub fn request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Resource { attributes: vec![text("service.name", service)], ..Resource::default() };
    let scope = InstrumentationScope { name: "tests".into(), ..InstrumentationScope::default() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, schema_url: "https://scope".into() }];
    let resource = ResourceSpans { resource: Some(resource), scope_spans, schema_url: "https://resource".into() };
    ExportTraceServiceRequest { resource_spans: vec![resource] }
}
