//! What a span says beside its ids, name and times: attributes, events and links, encoded as they come.
//!
//! The fields of a message may stand in any order (protobuf, "Message Structure"), so nothing is kept but bytes.

use std::ops::Range;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use otlp::encode::{AttributeWriter, EventRecord, LinkRecord, SpanWriter};
use otlp::field;

use super::field as one;
use super::span::{flags, trace_state};
use crate::config::SpanLimits;

/// Room for what most spans say, so that the buffer is allocated once: what the allocator hands out from its fastest lists
/// is up to 1,032 bytes.
const ROOM: usize = 768;
/// The tag of an attribute in a span: field 9, with a length.
const ATTRIBUTE: u8 = 9 << 3 | 2;
/// The tag of the key in an attribute, and of its value.
const KEY: u8 = 1 << 3 | 2;
const VALUE: u8 = 2 << 3 | 2;
/// Key and value up to this length, together, take one byte for each of the lengths around them.
const SHORT_BYTES: usize = 116;

/// The fields that a span has so far.
#[derive(Debug, Default)]
pub struct Fields {
    pub(super) bytes: Vec<u8>,
    pub(super) attributes: u32,
    events: u32,
    links: u32,
    pub(super) dropped_attributes: u32,
    dropped_events: u32,
    dropped_links: u32,
    /// Whether a key may be there that the middlewares do not know of, so that theirs have to be looked for.
    pub(super) is_foreign: bool,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(ROOM), ..Self::default() }
    }

    /// Forgets all of them, and keeps the buffer.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        *self = Self { bytes: std::mem::take(&mut self.bytes), ..Self::default() };
    }

    /// Bytes that its buffer has room for.
    pub(super) fn room(&self) -> usize {
        self.bytes.capacity()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is room for one more attribute; one that has none is counted.
    #[inline]
    fn admits(&mut self, limits: &SpanLimits) -> bool {
        let room = self.attributes < limits.attributes;
        if room {
            self.attributes += 1;
        } else {
            self.dropped_attributes += 1;
        }
        room
    }

    /// Appends a text whose key only [`Self::set`] can have set before. Inlined, so that the key's length is known where this is
    /// compiled.
    #[inline(always)]
    pub(super) fn text(&mut self, limits: &SpanLimits, key: &'static str, text: &str) {
        if key.len() + text.len() > SHORT_BYTES || limits.value_length.is_some() || self.is_foreign {
            return self.any(limits, key, otlp::encode::Value::Str(text));
        }
        if self.admits(limits) {
            let bytes = text.len() as u8;
            self.begin(key, [bytes + 2, 1 << 3 | 2, bytes], text.len());
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// Appends a whole number, as [`Self::text`] does a text.
    #[inline(always)]
    pub(super) fn number(&mut self, limits: &SpanLimits, key: &'static str, number: u16) {
        if self.is_foreign {
            return self.any(limits, key, otlp::encode::Value::Int(number.into()));
        }
        if !self.admits(limits) {
            return;
        }
        // Base 128, lowest first.
        let digits = [number as u8 | 0x80, (number >> 7) as u8 | 0x80, (number >> 14) as u8];
        match number {
            0..0x80 => self.begin(key, [2, 3 << 3, number as u8], 0),
            0x80..0x4000 => {
                self.begin(key, [3, 3 << 3, digits[0]], 1);
                self.bytes.push(digits[1] & 0x7f);
            }
            _ => {
                self.begin(key, [4, 3 << 3, digits[0]], 2);
                self.bytes.extend_from_slice(&digits[1..]);
            }
        }
    }

    /// Appends a number of seconds, as [`Self::text`] does a text.
    #[inline(always)]
    pub(super) fn seconds(&mut self, limits: &SpanLimits, key: &'static str, seconds: f64) {
        if self.is_foreign {
            return self.any(limits, key, otlp::encode::Value::Double(seconds));
        }
        if self.admits(limits) {
            let bytes = seconds.to_le_bytes();
            self.begin(key, [9, 4 << 3 | 1, bytes[0]], 7);
            self.bytes.extend_from_slice(&bytes[1..]);
        }
    }

    /// All of a short attribute but the end of its value, of `rest` bytes. `value` is the length of the `AnyValue`, the tag of
    /// its member, and the first byte of that.
    #[inline(always)]
    fn begin(&mut self, key: &'static str, value: [u8; 3], rest: usize) {
        let out = &mut self.bytes;
        out.reserve(key.len() + 8 + rest);
        // Two bytes around the key, two around the value.
        out.extend_from_slice(&[ATTRIBUTE, key.len() as u8 + value[0] + 4, KEY, key.len() as u8]);
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(&[VALUE, value[0], value[1], value[2]]);
    }

    /// As the others, for what is not short or not plain.
    #[inline(never)]
    pub(super) fn any(&mut self, limits: &SpanLimits, key: &str, value: otlp::encode::Value<'_>) {
        if self.is_foreign {
            self.remove(key);
        }
        if self.admits(limits) {
            let value = match value {
                otlp::encode::Value::Str(text) => otlp::encode::Value::Str(one::cut(text, limits.value_length)),
                value => value,
            };
            AttributeWriter::new(&mut self.bytes, 9).push(key, value);
        }
    }

    /// Sets an attribute, in the place of one with the same key.
    pub(super) fn set(&mut self, limits: &SpanLimits, attribute: &KeyValue) {
        self.is_foreign = true;
        self.remove(attribute.key.as_str());
        if self.admits(limits) {
            one::append(&mut AttributeWriter::new(&mut self.bytes, 9), attribute, limits.value_length);
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(place) = self.place_of(key) {
            self.bytes.drain(place);
            self.attributes -= 1;
        }
    }

    /// Where the attribute of this key stands.
    fn place_of(&self, key: &str) -> Option<Range<usize>> {
        let mut at = 0;
        while let Some(&tag) = self.bytes.get(at) {
            // All fields up to now are messages, with tags of one byte.
            let (length, length_bytes) = varint(self.bytes.get(at + 1..)?)?;
            let content = at + 1 + length_bytes;
            let end = content + length;
            if tag == ATTRIBUTE && key_of(self.bytes.get(content..end)?)? == key.as_bytes() {
                return Some(at..end);
            }
            at = end;
        }
        None
    }

    pub(super) fn event(&mut self, limits: &SpanLimits, name: &str, unix_nanos: u64, attributes: &[KeyValue]) {
        if self.events >= limits.events {
            self.dropped_events += 1;
            return;
        }
        self.events += 1;
        let (kept, dropped_attributes) = first(attributes, limits.attributes_per_event);
        let record = EventRecord { unix_nanos, name, dropped_attributes, ..EventRecord::default() };
        SpanWriter::new(&mut self.bytes).event_with(&record, |out| one::append_all(out, kept, limits.value_length));
    }

    pub(super) fn link(&mut self, limits: &SpanLimits, to: &SpanContext, attributes: &[KeyValue]) {
        if self.links >= limits.links {
            self.dropped_links += 1;
            return;
        }
        self.links += 1;
        let (kept, dropped_attributes) = first(attributes, limits.attributes_per_link);
        let record = LinkRecord {
            trace_id: otlp::TraceId(to.trace_id().to_bytes()),
            span_id: otlp::SpanId(to.span_id().to_bytes()),
            trace_state: &trace_state(to),
            dropped_attributes,
            flags: flags(to, to.is_remote()),
            ..LinkRecord::default()
        };
        SpanWriter::new(&mut self.bytes).link_with(&record, |out| one::append_all(out, kept, limits.value_length));
    }

    /// Appends what is only known at the end, and is there for few spans. No attribute can be set after this.
    pub(super) fn close(&mut self, trace_state: &str, write_status: impl FnOnce(&mut Vec<u8>)) {
        let counts = [(10, self.dropped_attributes), (12, self.dropped_events), (14, self.dropped_links)];
        for (number, count) in counts {
            if count > 0 {
                field::uint(&mut self.bytes, number, count.into());
            }
        }
        if !trace_state.is_empty() {
            field::text(&mut self.bytes, 3, trace_state);
        }
        write_status(&mut self.bytes);
    }
}

/// As many as may be, and how many are left out.
fn first(attributes: &[KeyValue], limit: u32) -> (&[KeyValue], u32) {
    let kept = attributes.get(..limit as usize).unwrap_or(attributes);
    (kept, (attributes.len() - kept.len()) as u32)
}

fn key_of(attribute: &[u8]) -> Option<&[u8]> {
    let (&KEY, rest) = attribute.split_first()? else { return None };
    let (length, length_bytes) = varint(rest)?;
    rest.get(length_bytes..length_bytes + length)
}

/// A base-128 number, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(field::OPEN_LENGTH_BYTES) {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}
