//! A walked request as JSON text.

use super::any_value::attribute;
use super::object::{Object, object};
use crate::walk::{self, DecodeError, Event, Link, Resource, ResourceSpans, Scope, ScopeSpans, Span, Status};

/// JSON is about this many times as long as the protobuf it is made from.
const GROWTH: usize = 2;

pub(super) fn request(bytes: &[u8]) -> Result<String, DecodeError> {
    let mut out = String::with_capacity(GROWTH * bytes.len());
    out.push_str("{\"resourceSpans\":[");
    for (index, item) in walk::resource_spans(bytes).enumerate() {
        comma(&mut out, index);
        resource_spans(&mut out, item?)?;
    }
    out.push_str("]}");
    Ok(out)
}

fn comma(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

fn resource_spans(out: &mut String, item: ResourceSpans<'_>) -> Result<(), DecodeError> {
    let mut done = Ok(());
    object(out, |fields| {
        if item.has_resource() {
            object(fields.field("resource"), |fields| resource(fields, item.resource()));
        }
        let out = fields.field("scopeSpans");
        out.push('[');
        for (index, scope) in item.scope_spans().enumerate() {
            comma(out, index);
            done = scope.and_then(|scope| scope_spans(out, scope));
            if done.is_err() {
                return;
            }
        }
        out.push(']');
        fields.text("schemaUrl", item.schema_url());
    });
    done
}

fn resource(fields: &mut Object<'_>, resource: Resource<'_>) {
    fields.list("attributes", resource.attributes(), attribute);
    fields.number("droppedAttributesCount", resource.dropped_attributes().into());
}

fn scope_spans(out: &mut String, item: ScopeSpans<'_>) -> Result<(), DecodeError> {
    let mut done = Ok(());
    object(out, |fields| {
        if item.has_scope() {
            object(fields.field("scope"), |fields| scope(fields, item.scope()));
        }
        let out = fields.field("spans");
        out.push('[');
        for (index, item) in item.spans().enumerate() {
            comma(out, index);
            done = item.map(|item| object(out, |fields| span(fields, item)));
            if done.is_err() {
                return;
            }
        }
        out.push(']');
        fields.text("schemaUrl", item.schema_url());
    });
    done
}

fn scope(fields: &mut Object<'_>, scope: Scope<'_>) {
    fields.text("name", scope.name());
    fields.text("version", scope.version());
    fields.list("attributes", scope.attributes(), attribute);
    fields.number("droppedAttributesCount", scope.dropped_attributes().into());
}

fn span(fields: &mut Object<'_>, span: Span<'_>) {
    let [trace_id, span_id, parent_span_id] = span.id_bytes();
    fields.hex("traceId", trace_id);
    fields.hex("spanId", span_id);
    fields.text("traceState", span.trace_state());
    fields.hex("parentSpanId", parent_span_id);
    fields.number("flags", span.flags().into());
    fields.text("name", span.name());
    fields.number("kind", span.kind_number().into());
    fields.long("startTimeUnixNano", span.start_unix_nanos());
    fields.long("endTimeUnixNano", span.end_unix_nanos());
    fields.list("attributes", span.attributes(), attribute);
    fields.number("droppedAttributesCount", span.dropped_attributes().into());
    fields.list("events", span.events(), |out, item| object(out, |fields| event(fields, item)));
    fields.number("droppedEventsCount", span.dropped_events().into());
    fields.list("links", span.links(), |out, item| object(out, |fields| link(fields, item)));
    fields.number("droppedLinksCount", span.dropped_links().into());
    if span.has_status() {
        object(fields.field("status"), |fields| status(fields, span.status()));
    }
}

fn status(fields: &mut Object<'_>, status: Status<'_>) {
    fields.text("message", status.message());
    fields.number("code", status.code_number().into());
}

fn event(fields: &mut Object<'_>, event: Event<'_>) {
    fields.long("timeUnixNano", event.unix_nanos());
    fields.text("name", event.name());
    fields.list("attributes", event.attributes(), attribute);
    fields.number("droppedAttributesCount", event.dropped_attributes().into());
}

fn link(fields: &mut Object<'_>, link: Link<'_>) {
    let [trace_id, span_id] = link.id_bytes();
    fields.hex("traceId", trace_id);
    fields.hex("spanId", span_id);
    fields.text("traceState", link.trace_state());
    fields.list("attributes", link.attributes(), attribute);
    fields.number("droppedAttributesCount", link.dropped_attributes().into());
    fields.number("flags", link.flags().into());
}
