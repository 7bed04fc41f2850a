//! JSON to protobuf: spans, events and links.

use super::JsonError;
use super::any_value::read_attributes;
use super::read::{text, uint32};
use super::source::Source;
use crate::field;

/// Bytes that a span's length is expected to take.
const SPAN_LENGTH_BYTES: usize = 2;

const KINDS: [&str; 6] = [
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
];
const CODES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

pub(super) fn read_span(out: &mut Vec<u8>, span: Source<'_>) -> Result<(), JsonError> {
    field::try_message_of(out, 2, SPAN_LENGTH_BYTES, |out| {
        hex(out, 1, span, "traceId")?;
        hex(out, 2, span, "spanId")?;
        text(out, 3, span, "traceState")?;
        hex(out, 4, span, "parentSpanId")?;
        text(out, 5, span, "name")?;
        enumeration(out, 6, span, "kind", &KINDS)?;
        time(out, 7, span, "startTimeUnixNano")?;
        time(out, 8, span, "endTimeUnixNano")?;
        read_attributes(out, 9, span)?;
        uint32(out, 10, span, "droppedAttributesCount")?;
        span.each("events", |event| field::try_message(out, 11, |out| read_event(out, event)))?;
        uint32(out, 12, span, "droppedEventsCount")?;
        span.each("links", |link| field::try_message(out, 13, |out| read_link(out, link)))?;
        uint32(out, 14, span, "droppedLinksCount")?;
        span.object("status", |status| {
            field::try_message(out, 15, |out| {
                text(out, 2, status, "message")?;
                enumeration(out, 3, status, "code", &CODES)
            })
        })?;
        flags(out, 16, span)
    })
}

fn read_event(out: &mut Vec<u8>, event: Source<'_>) -> Result<(), JsonError> {
    time(out, 1, event, "timeUnixNano")?;
    text(out, 2, event, "name")?;
    read_attributes(out, 3, event)?;
    uint32(out, 4, event, "droppedAttributesCount")
}

fn read_link(out: &mut Vec<u8>, link: Source<'_>) -> Result<(), JsonError> {
    hex(out, 1, link, "traceId")?;
    hex(out, 2, link, "spanId")?;
    text(out, 3, link, "traceState")?;
    read_attributes(out, 4, link)?;
    uint32(out, 5, link, "droppedAttributesCount")?;
    flags(out, 6, link)
}

fn hex(out: &mut Vec<u8>, number: u32, source: Source<'_>, name: &str) -> Result<(), JsonError> {
    let bytes = source.hex(name)?;
    if !bytes.is_empty() {
        field::bytes(out, number, &bytes);
    }
    Ok(())
}

fn time(out: &mut Vec<u8>, number: u32, source: Source<'_>, name: &str) -> Result<(), JsonError> {
    let nanos = source.uint(name)?;
    if nanos != 0 {
        field::fixed64(out, number, nanos);
    }
    Ok(())
}

fn flags(out: &mut Vec<u8>, number: u32, source: Source<'_>) -> Result<(), JsonError> {
    let flags = source.uint32("flags")?;
    if flags != 0 {
        field::fixed32(out, number, flags);
    }
    Ok(())
}

fn enumeration(
    out: &mut Vec<u8>,
    number: u32,
    source: Source<'_>,
    name: &str,
    names: &[&str],
) -> Result<(), JsonError> {
    let value = source.enumeration(name, names)?;
    if value != 0 {
        field::uint(out, number, value as u64);
    }
    Ok(())
}
