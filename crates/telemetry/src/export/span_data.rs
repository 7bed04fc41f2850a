//! A finished span as OTLP bytes, straight from the SDK's data: nothing is copied but into the buffer.
//!
//! Source: opentelemetry-proto 1.7, `trace.proto`; OTLP specification, "Attribute" (a key stands only once).

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, Status};
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use otlp::encode::{self, AttributeWriter, EventRecord, LinkRecord, SpanRecord};
use otlp::field;

/// The flag that says that the remote flag is known, and the remote flag itself.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

/// Appends `span` as a member of `ScopeSpans`. Text values of more than `value_length` characters are cut.
pub fn append(out: &mut Vec<u8>, span: &SpanData, value_length: Option<usize>) {
    let context = &span.span_context;
    // Empty for nearly every span; the text is made only where there is one.
    let trace_state = trace_state(context);
    let (status, status_message) = match &span.status {
        Status::Unset => (otlp::StatusCode::Unset, ""),
        Status::Ok => (otlp::StatusCode::Ok, ""),
        Status::Error { description } => (otlp::StatusCode::Error, description.as_ref()),
    };
    let record = SpanRecord {
        trace_id: otlp::TraceId(context.trace_id().to_bytes()),
        span_id: otlp::SpanId(context.span_id().to_bytes()),
        parent_span_id: (span.parent_span_id != SpanId::INVALID).then(|| otlp::SpanId(span.parent_span_id.to_bytes())),
        trace_state: &trace_state,
        kind: kind(&span.span_kind),
        name: &span.name,
        start_unix_nanos: unix_nanos(span.start_time),
        end_unix_nanos: unix_nanos(span.end_time),
        dropped_attributes: span.dropped_attributes_count,
        dropped_events: span.events.dropped_count,
        dropped_links: span.links.dropped_count,
        status,
        status_message,
        flags: flags(context, span.parent_span_is_remote),
        ..SpanRecord::default()
    };
    encode::append_span(out, &record, |writer| {
        append_attributes(&mut writer.attributes(), &span.attributes, value_length);
        for event in span.events.iter() {
            let record = EventRecord {
                unix_nanos: unix_nanos(event.timestamp),
                name: &event.name,
                dropped_attributes: event.dropped_attributes_count,
                ..EventRecord::default()
            };
            writer.event_with(&record, |out| append_attributes(out, &event.attributes, value_length));
        }
        for link in span.links.iter() {
            append_link(writer, link, value_length);
        }
    });
}

/// What stands in front of the spans of a `ScopeSpans`: its scope and its schema's URL.
pub(crate) fn scope_prefix(scope: &InstrumentationScope) -> Vec<u8> {
    let mut prefix = Vec::new();
    field::message(&mut prefix, 1, |out| {
        if !scope.name().is_empty() {
            field::text(out, 1, scope.name());
        }
        if let Some(version) = scope.version().filter(|version| !version.is_empty()) {
            field::text(out, 2, version);
        }
        for attribute in scope.attributes() {
            encode::append_attributes(out, 3, [(attribute.key.as_str(), scalar(&attribute.value))]);
        }
    });
    if let Some(schema_url) = scope.schema_url() {
        field::text(&mut prefix, 3, schema_url);
    }
    prefix
}

fn append_link(writer: &mut encode::SpanWriter<'_>, link: &Link, value_length: Option<usize>) {
    let context = &link.span_context;
    let record = LinkRecord {
        trace_id: otlp::TraceId(context.trace_id().to_bytes()),
        span_id: otlp::SpanId(context.span_id().to_bytes()),
        trace_state: &trace_state(context),
        dropped_attributes: link.dropped_attributes_count,
        flags: flags(context, context.is_remote()),
        ..LinkRecord::default()
    };
    writer.link_with(&record, |out| append_attributes(out, &link.attributes, value_length));
}

/// Each key once, with the value that it was given last.
fn append_attributes(out: &mut AttributeWriter<'_>, attributes: &[KeyValue], value_length: Option<usize>) {
    let distinct = are_distinct(attributes);
    for (at, attribute) in attributes.iter().enumerate() {
        if distinct || attributes[at + 1..].iter().all(|later| later.key != attribute.key) {
            append_attribute(out, attribute, value_length);
        }
    }
}

/// Whether it is plain at first sight that no key is there twice: no two of them fall into the same one of 1,024 places.
/// Where it is not, which is one list of ten attributes in twenty, keys are compared.
fn are_distinct(attributes: &[KeyValue]) -> bool {
    let mut taken = [0_u64; 16];
    attributes.iter().all(|attribute| {
        let place = place_of(attribute.key.as_str().as_bytes());
        let (word, bit) = (&mut taken[usize::from(place >> 6)], 1 << (place & 63));
        let free = *word & bit == 0;
        *word |= bit;
        free
    })
}

/// From 0 to 1,023: the same for the same key. A key's two ends are read, eight bytes of each; of a short one its length.
fn place_of(key: &[u8]) -> u16 {
    let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) else { return key.len() as u16 % 1_024 };
    let ends = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29) ^ key.len() as u64;
    (ends.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as u16
}

fn append_attribute(out: &mut AttributeWriter<'_>, attribute: &KeyValue, value_length: Option<usize>) {
    let key = attribute.key.as_str();
    match &attribute.value {
        Value::String(text) => out.push(key, encode::Value::Str(cut(text.as_str(), value_length))),
        Value::Array(Array::Bool(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Bool(*value)))
        }
        Value::Array(Array::I64(values)) => out.push_array(key, values.iter().map(|value| encode::Value::Int(*value))),
        Value::Array(Array::F64(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Double(*value)));
        }
        Value::Array(Array::String(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Str(cut(value.as_str(), value_length))));
        }
        value => out.push(key, scalar(value)),
    }
}

/// A value that is no array; the API's enumeration is open, and what it may have one day is left empty.
fn scalar(value: &Value) -> encode::Value<'_> {
    match value {
        Value::Bool(value) => encode::Value::Bool(*value),
        Value::I64(value) => encode::Value::Int(*value),
        Value::F64(value) => encode::Value::Double(*value),
        Value::String(value) => encode::Value::Str(value.as_str()),
        _ => encode::Value::Str(""),
    }
}

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, length: Option<usize>) -> &str {
    match length {
        // A text has at most as many characters as bytes.
        Some(length) if text.len() > length => {
            text.char_indices().nth(length).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
        }
        _ => text,
    }
}

fn trace_state(context: &SpanContext) -> String {
    let state = context.trace_state();
    if *state == opentelemetry::trace::TraceState::NONE { String::new() } else { state.header() }
}

fn flags(context: &SpanContext, remote: bool) -> u32 {
    u32::from(context.trace_flags().to_u8()) | HAS_IS_REMOTE | if remote { IS_REMOTE } else { 0 }
}

fn kind(kind: &SpanKind) -> otlp::SpanKind {
    match kind {
        SpanKind::Client => otlp::SpanKind::Client,
        SpanKind::Server => otlp::SpanKind::Server,
        SpanKind::Producer => otlp::SpanKind::Producer,
        SpanKind::Consumer => otlp::SpanKind::Consumer,
        SpanKind::Internal => otlp::SpanKind::Internal,
    }
}

pub(crate) fn unix_nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
