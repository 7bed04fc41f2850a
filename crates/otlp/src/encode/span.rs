//! The fields of a span, an event, a link and an attribute.

use super::{EventRecord, LinkRecord, SpanRecord, Value};
use crate::{StatusCode, field};

/// Bytes that a span's length is expected to take: right from 128 bytes to 16 KiB.
const SPAN_LENGTH_BYTES: usize = 2;

/// Appends a span as a member of `ScopeSpans`, with the attributes, events and links that `more` adds to those of the record.
/// Spans that were appended one after another are the body of a `ScopeSpans`: whoever gathers them in places of several
/// needs no request before it has all.
#[inline]
pub fn append_span(out: &mut Vec<u8>, span: &SpanRecord<'_>, more: impl FnOnce(&mut SpanWriter<'_>)) {
    field::message_of(out, 2, SPAN_LENGTH_BYTES, |out| {
        let mut writer = SpanWriter::new(out);
        writer.record(span);
        more(&mut writer);
    });
}

/// Appends attributes as members of a message's field `number`: 1 in `Resource`, 3 in `InstrumentationScope`.
pub fn append_attributes<'v>(
    out: &mut Vec<u8>,
    number: u32,
    attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
) {
    let mut writer = AttributeWriter { out, number };
    for (key, value) in attributes {
        writer.push(key, value);
    }
}

/// Appends to the span that is being written.
pub struct SpanWriter<'b> {
    out: &'b mut Vec<u8>,
}

/// Appends attributes to a span, an event or a link.
pub struct AttributeWriter<'b> {
    out: &'b mut Vec<u8>,
    number: u32,
}

impl<'b> SpanWriter<'b> {
    /// Appends to the content of a span.
    pub fn new(out: &'b mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(super) fn record(&mut self, span: &SpanRecord<'_>) {
        let out = &mut *self.out;
        out.extend_from_slice(&ids(span));
        text(out, 3, span.trace_state);
        if let Some(parent) = span.parent_span_id {
            out.extend_from_slice(&[4 << 3 | 2, 8]);
            out.extend_from_slice(&parent.0);
        }
        text(out, 5, span.name);
        uint(out, 6, span.kind.number() as u64);
        out.extend_from_slice(&times(span));
        write_attributes(out, 9, span.attributes);
        uint(out, 10, span.dropped_attributes.into());
        for event in span.events {
            self.event(event);
        }
        uint(self.out, 12, span.dropped_events.into());
        for link in span.links {
            self.link(link);
        }
        uint(self.out, 14, span.dropped_links.into());
        append_status(self.out, span.status, span.status_message);
        if span.flags != 0 {
            field::fixed32(self.out, 16, span.flags);
        }
    }

    /// The attributes of the span.
    pub fn attributes(&mut self) -> AttributeWriter<'_> {
        AttributeWriter { out: self.out, number: 9 }
    }

    /// Appends an event.
    pub fn event(&mut self, event: &EventRecord<'_>) {
        self.event_with(event, |_| {});
    }

    /// Appends an event with the attributes that `more` adds to those of the record.
    pub fn event_with(&mut self, event: &EventRecord<'_>, more: impl FnOnce(&mut AttributeWriter<'_>)) {
        field::message(self.out, 11, |out| {
            field::fixed64(out, 1, event.unix_nanos);
            text(out, 2, event.name);
            write_attributes(out, 3, event.attributes);
            more(&mut AttributeWriter { out, number: 3 });
            uint(out, 4, event.dropped_attributes.into());
        });
    }

    /// Appends a link.
    pub fn link(&mut self, link: &LinkRecord<'_>) {
        self.link_with(link, |_| {});
    }

    /// Appends a link with the attributes that `more` adds to those of the record.
    pub fn link_with(&mut self, link: &LinkRecord<'_>, more: impl FnOnce(&mut AttributeWriter<'_>)) {
        field::message(self.out, 13, |out| {
            field::bytes(out, 1, &link.trace_id.0);
            field::bytes(out, 2, &link.span_id.0);
            text(out, 3, link.trace_state);
            write_attributes(out, 4, link.attributes);
            more(&mut AttributeWriter { out, number: 4 });
            uint(out, 5, link.dropped_attributes.into());
            if link.flags != 0 {
                field::fixed32(out, 6, link.flags);
            }
        });
    }
}

impl<'b> AttributeWriter<'b> {
    /// Appends to the content of a message whose attributes are its field `number`: 9 in a span, 3 in an event, 4 in a link.
    pub fn new(out: &'b mut Vec<u8>, number: u32) -> Self {
        Self { out, number }
    }

    /// Appends an attribute.
    pub fn push(&mut self, key: &str, value: Value<'_>) {
        write_attribute(self.out, self.number, key, value);
    }

    /// Appends an attribute whose value is an array.
    pub fn push_array<'v>(&mut self, key: &str, values: impl IntoIterator<Item = Value<'v>>) {
        field::message(self.out, self.number, |out| {
            field::text(out, 1, key);
            field::message(out, 2, |out| write_array(out, values));
        });
    }
}

/// Appends how a span ended to its content; nothing where it is unset and has no message.
pub fn append_status(out: &mut Vec<u8>, status: StatusCode, message: &str) {
    if status != StatusCode::Unset && message.is_empty() {
        out.extend_from_slice(&[15 << 3 | 2, 2, 3 << 3, status.number() as u8]);
    } else if status != StatusCode::Unset || !message.is_empty() {
        field::message(out, 15, |out| {
            text(out, 2, message);
            uint(out, 3, status.number() as u64);
        });
    }
}

/// The fields 1 and 2, as every span has them.
#[inline]
fn ids(span: &SpanRecord<'_>) -> [u8; 28] {
    let mut fields = [0; 28];
    fields[0] = 1 << 3 | 2;
    fields[1] = 16;
    fields[2..18].copy_from_slice(&span.trace_id.0);
    fields[18] = 2 << 3 | 2;
    fields[19] = 8;
    fields[20..].copy_from_slice(&span.span_id.0);
    fields
}

/// The fields 7 and 8, as every span has them.
#[inline]
fn times(span: &SpanRecord<'_>) -> [u8; 18] {
    let mut fields = [0; 18];
    fields[0] = 7 << 3 | 1;
    fields[1..9].copy_from_slice(&span.start_unix_nanos.to_le_bytes());
    fields[9] = 8 << 3 | 1;
    fields[10..].copy_from_slice(&span.end_unix_nanos.to_le_bytes());
    fields
}

pub(super) fn write_attributes(out: &mut Vec<u8>, number: u32, attributes: &[(&str, Value<'_>)]) {
    for &(key, value) in attributes {
        write_attribute(out, number, key, value);
    }
}

/// Keys and values up to this length, together, take one byte for each of the lengths around them.
const SHORT_BYTES: usize = 116;

#[inline]
fn write_attribute(out: &mut Vec<u8>, number: u32, key: &str, value: Value<'_>) {
    // Nearly every attribute is short: all lengths are known before, and nothing has to be mended.
    match value {
        Value::Str(text) if key.len() + text.len() <= SHORT_BYTES && number < 16 => {
            let text_bytes = text.len() as u8;
            begin_short(out, number, key, [text_bytes + 2, 1 << 3 | 2, text_bytes]);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Int(value) if key.len() <= SHORT_BYTES - 10 && number < 16 => {
            let (digits, value_bytes) = varint(value as u64);
            // The member's tag, and then as many bytes as there are.
            begin_short(out, number, key, [value_bytes + 1, 3 << 3, digits[0]]);
            out.extend_from_slice(digits.get(1..usize::from(value_bytes)).unwrap_or_default());
        }
        Value::Bool(value) if key.len() <= SHORT_BYTES && number < 16 => {
            begin_short(out, number, key, [2, 2 << 3, value.into()]);
        }
        value => field::message(out, number, |out| {
            field::text(out, 1, key);
            field::message(out, 2, |out| write_value(out, value));
        }),
    }
}

/// All of a short attribute but the end of its value. `value` is the length of the `AnyValue`, the tag of its member, and the
/// first byte of that.
#[inline]
fn begin_short(out: &mut Vec<u8>, number: u32, key: &str, value: [u8; 3]) {
    let key_bytes = key.len() as u8;
    // Two bytes around the key, two around the value.
    out.extend_from_slice(&[(number as u8) << 3 | 2, key_bytes + value[0] + 4, 1 << 3 | 2, key_bytes]);
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(&[2 << 3 | 2, value[0], value[1], value[2]]);
}

/// A base-128 number, and how many bytes it has.
#[inline]
fn varint(mut value: u64) -> ([u8; 10], u8) {
    let (mut digits, mut at) = ([0; 10], 0);
    while value >= 0x80 {
        digits[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    digits[at] = value as u8;
    (digits, at as u8 + 1)
}

/// The members of `AnyValue` are written even when they are zero or empty: their presence is the type.
fn write_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(value) => field::text(out, 1, value),
        Value::Bool(value) => field::uint(out, 2, value.into()),
        Value::Int(value) => field::uint(out, 3, value as u64),
        Value::Double(value) => field::double(out, 4, value),
        Value::StrArray(values) => write_array(out, values.iter().copied().map(Value::Str)),
        Value::Bytes(value) => field::bytes(out, 7, value),
    }
}

fn write_array<'v>(out: &mut Vec<u8>, values: impl IntoIterator<Item = Value<'v>>) {
    field::message(out, 5, |out| {
        for value in values {
            field::message(out, 1, |out| write_value(out, value));
        }
    });
}

fn text(out: &mut Vec<u8>, number: u32, value: &str) {
    if !value.is_empty() {
        field::text(out, number, value);
    }
}

fn uint(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        field::uint(out, number, value);
    }
}
