//! A walked request as the reference crate's structures, through every accessor there is.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use otlp::walk::{self, Attributes, DecodeError};

pub fn request(bytes: &[u8]) -> Result<ExportTraceServiceRequest, DecodeError> {
    let resource_spans = walk::resource_spans(bytes).map(|item| resource_spans(item?)).collect::<Result<_, _>>()?;
    Ok(ExportTraceServiceRequest { resource_spans })
}

fn resource_spans(item: walk::ResourceSpans<'_>) -> Result<ResourceSpans, DecodeError> {
    let resource = item.resource();
    Ok(ResourceSpans {
        resource: item.has_resource().then(|| Resource {
            attributes: attributes(resource.attributes()),
            dropped_attributes_count: resource.dropped_attributes(),
            ..Resource::default()
        }),
        scope_spans: item.scope_spans().map(|item| scope_spans(item?)).collect::<Result<_, _>>()?,
        schema_url: item.schema_url().into(),
    })
}

fn scope_spans(item: walk::ScopeSpans<'_>) -> Result<ScopeSpans, DecodeError> {
    let scope = item.scope();
    Ok(ScopeSpans {
        scope: item.has_scope().then(|| InstrumentationScope {
            name: scope.name().into(),
            version: scope.version().into(),
            attributes: attributes(scope.attributes()),
            dropped_attributes_count: scope.dropped_attributes(),
        }),
        spans: item.spans().map(|item| item.map(span)).collect::<Result<_, _>>()?,
        schema_url: item.schema_url().into(),
    })
}

fn span(span: walk::Span<'_>) -> Span {
    Span {
        trace_id: span.trace_id().0.to_vec(),
        span_id: span.span_id().0.to_vec(),
        trace_state: span.trace_state().into(),
        parent_span_id: span.parent_span_id().map(|id| id.0.to_vec()).unwrap_or_default(),
        flags: span.flags(),
        name: span.name().into(),
        kind: span.kind_number(),
        start_time_unix_nano: span.start_unix_nanos(),
        end_time_unix_nano: span.end_unix_nanos(),
        attributes: attributes(span.attributes()),
        dropped_attributes_count: span.dropped_attributes(),
        events: span.events().map(event).collect(),
        dropped_events_count: span.dropped_events(),
        links: span.links().map(link).collect(),
        dropped_links_count: span.dropped_links(),
        status: span
            .has_status()
            .then(|| Status { message: span.status().message().into(), code: span.status().code_number() }),
    }
}

fn event(event: walk::Event<'_>) -> Event {
    Event {
        time_unix_nano: event.unix_nanos(),
        name: event.name().into(),
        attributes: attributes(event.attributes()),
        dropped_attributes_count: event.dropped_attributes(),
    }
}

fn link(link: walk::Link<'_>) -> Link {
    Link {
        trace_id: link.trace_id().0.to_vec(),
        span_id: link.span_id().0.to_vec(),
        trace_state: link.trace_state().into(),
        attributes: attributes(link.attributes()),
        dropped_attributes_count: link.dropped_attributes(),
        flags: link.flags(),
    }
}

/// An absent value and an empty one read alike, so both become an empty one.
fn attributes(attributes: Attributes<'_>) -> Vec<KeyValue> {
    let pair =
        |(key, value): (&str, _)| KeyValue { key: key.into(), value: Some(any_value(value)), ..KeyValue::default() };
    attributes.map(pair).collect()
}

fn any_value(value: walk::AnyValue<'_>) -> AnyValue {
    let value = match value {
        walk::AnyValue::Empty => None,
        walk::AnyValue::Str(value) => Some(Any::StringValue(value.into())),
        walk::AnyValue::Bool(value) => Some(Any::BoolValue(value)),
        walk::AnyValue::Int(value) => Some(Any::IntValue(value)),
        walk::AnyValue::Double(value) => Some(Any::DoubleValue(value)),
        walk::AnyValue::Array(values) => Some(Any::ArrayValue(ArrayValue { values: values.map(any_value).collect() })),
        walk::AnyValue::KvList(values) => Some(Any::KvlistValue(KeyValueList { values: attributes(values) })),
        walk::AnyValue::Bytes(value) => Some(Any::BytesValue(value.to_vec())),
    };
    AnyValue { value }
}
