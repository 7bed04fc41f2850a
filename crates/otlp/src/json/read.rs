//! JSON to protobuf: the request, its resources and scopes.

use serde_json::Value;

use super::JsonError;
use super::any_value::read_attributes;
use super::read_span::read_span;
use super::source::Source;
use crate::field;

/// Bytes that the length of a resource's or scope's spans is expected to take.
const SPANS_LENGTH_BYTES: usize = 2;

pub(super) fn request(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::new();
    Source::new(value)?.each("resourceSpans", |item| {
        field::try_message_of(&mut out, 1, SPANS_LENGTH_BYTES, |out| resource_spans(out, item))
    })?;
    Ok(out)
}

fn resource_spans(out: &mut Vec<u8>, item: Source<'_>) -> Result<(), JsonError> {
    item.object("resource", |resource| {
        field::try_message(out, 1, |out| {
            read_attributes(out, 1, resource)?;
            uint32(out, 2, resource, "droppedAttributesCount")
        })
    })?;
    item.each("scopeSpans", |item| field::try_message_of(out, 2, SPANS_LENGTH_BYTES, |out| scope_spans(out, item)))?;
    text(out, 3, item, "schemaUrl")
}

fn scope_spans(out: &mut Vec<u8>, item: Source<'_>) -> Result<(), JsonError> {
    item.object("scope", |scope| {
        field::try_message(out, 1, |out| {
            text(out, 1, scope, "name")?;
            text(out, 2, scope, "version")?;
            read_attributes(out, 3, scope)?;
            uint32(out, 4, scope, "droppedAttributesCount")
        })
    })?;
    item.each("spans", |span| read_span(out, span))?;
    text(out, 3, item, "schemaUrl")
}

pub(super) fn text(out: &mut Vec<u8>, number: u32, source: Source<'_>, name: &str) -> Result<(), JsonError> {
    let value = source.text(name)?;
    if !value.is_empty() {
        field::text(out, number, value);
    }
    Ok(())
}

pub(super) fn uint32(out: &mut Vec<u8>, number: u32, source: Source<'_>, name: &str) -> Result<(), JsonError> {
    let value = source.uint32(name)?;
    if value != 0 {
        field::uint(out, number, value.into());
    }
    Ok(())
}
