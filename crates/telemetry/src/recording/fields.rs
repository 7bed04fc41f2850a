//! What a span says beside its ids, name and times: attributes, events and links, encoded as they come.
//!
//! The fields of a message may stand in any order (protobuf, "Message Structure"), so nothing is kept but bytes.

use std::ops::Range;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use otlp::encode::{AttributeWriter, EventRecord, LinkRecord, SpanWriter, Value};
use otlp::field;

use super::buffer::Buffer;
use super::field as one;
use super::key_marks::KeyMarks;
use super::short::{self, ATTRIBUTE, KEY};
use super::span::{flags, trace_state};
use crate::config::SpanLimits;

/// The fields that a span has so far.
#[derive(Debug)]
pub struct Fields {
    pub(super) buffer: Buffer,
    pub(super) attributes: u32,
    /// As many attributes may be added as they come, with no look at anything else. None where texts have to be cut, or where a
    /// key may be there that the middlewares do not know of.
    plain_attributes: u32,
    events: u32,
    links: u32,
    pub(super) dropped_attributes: u32,
    dropped_events: u32,
    dropped_links: u32,
    /// Whether a key may be there that the middlewares do not know of, so that theirs have to be looked for.
    pub(super) is_foreign: bool,
    /// Where it may: the marks of all keys. A key whose mark is not there is not looked for.
    keys: KeyMarks,
}

impl Fields {
    /// Those of a span that has not said anything, under these limits.
    pub(super) fn new(limits: &SpanLimits) -> Self {
        Self::inside(Buffer::new(), limits)
    }

    /// The same, in the memory that it has.
    #[inline]
    pub(crate) fn renew(&mut self, limits: &SpanLimits) {
        self.buffer.clear();
        *self = Self::inside(std::mem::take(&mut self.buffer), limits);
    }

    #[inline]
    fn inside(buffer: Buffer, limits: &SpanLimits) -> Self {
        Self {
            buffer,
            attributes: 0,
            plain_attributes: if limits.value_length.is_none() { limits.attributes } else { 0 },
            events: 0,
            links: 0,
            dropped_attributes: 0,
            dropped_events: 0,
            dropped_links: 0,
            is_foreign: false,
            keys: KeyMarks::default(),
        }
    }

    /// Bytes that its buffer can hold.
    pub(super) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.as_slice()
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
        if self.is_plain() && short::text(&mut self.buffer, key, text).is_some() {
            self.attributes += 1;
        } else {
            self.any(limits, key, Value::Str(text));
        }
    }

    /// Appends a whole number, as [`Self::text`] does a text.
    #[inline(always)]
    pub(super) fn number(&mut self, limits: &SpanLimits, key: &'static str, number: u16) {
        if self.is_plain() && short::number(&mut self.buffer, key, number).is_some() {
            self.attributes += 1;
        } else {
            self.any(limits, key, Value::Int(number.into()));
        }
    }

    /// Appends a number of seconds, as [`Self::text`] does a text.
    #[inline(always)]
    pub(super) fn seconds(&mut self, limits: &SpanLimits, key: &'static str, seconds: f64) {
        if self.is_plain() && short::double(&mut self.buffer, key, seconds).is_some() {
            self.attributes += 1;
        } else {
            self.any(limits, key, Value::Double(seconds));
        }
    }

    /// Whether an attribute may be added with no look at anything but its room.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.attributes < self.plain_attributes
    }

    /// As the others, for what is not short or not plain.
    #[inline(never)]
    pub(super) fn any(&mut self, limits: &SpanLimits, key: &str, value: Value<'_>) {
        if self.is_foreign {
            self.make_way(key);
        }
        if self.admits(limits) {
            let value = match value {
                Value::Str(text) => Value::Str(one::cut(text, limits.value_length)),
                value => value,
            };
            self.push(key, value);
        }
    }

    /// Sets an attribute, in the place of one with the same key.
    pub(super) fn set(&mut self, limits: &SpanLimits, attribute: &KeyValue) {
        if !self.is_foreign {
            (self.is_foreign, self.plain_attributes) = (true, 0);
            self.keys = self.attributes().map(|(key, _)| key).collect();
        }
        self.make_way(attribute.key.as_str());
        if self.admits(limits) {
            match &attribute.value {
                opentelemetry::Value::Array(_) => self.buffer.append(|out| {
                    one::append(&mut AttributeWriter::new(out, 9), attribute, limits.value_length);
                }),
                value => self.push(attribute.key.as_str(), one::scalar(value, limits.value_length)),
            }
        }
    }

    /// Appends an attribute for which there is room.
    fn push(&mut self, key: &str, value: Value<'_>) {
        if short::value(&mut self.buffer, key, value).is_none() {
            self.buffer.append(|out| AttributeWriter::new(out, 9).push(key, value));
        }
    }

    /// Takes out the attribute of a key that is about to be set.
    #[inline]
    fn make_way(&mut self, key: &str) {
        if self.keys.insert(key.as_bytes())
            && let Some(place) = self.place_of(key)
        {
            self.buffer.remove(place);
            self.attributes -= 1;
        }
    }

    /// Where the attribute of this key stands.
    fn place_of(&self, key: &str) -> Option<Range<usize>> {
        self.attributes().find(|(there, _)| *there == key.as_bytes()).map(|(_, place)| place)
    }

    /// The keys of the attributes, and where each of these stands.
    fn attributes(&self) -> impl Iterator<Item = (&[u8], Range<usize>)> {
        let (bytes, mut at) = (self.bytes(), 0);
        let fields = std::iter::from_fn(move || {
            let &tag = bytes.get(at)?;
            // All fields up to now are messages, with tags of one byte.
            let (length, length_bytes) = varint(bytes.get(at + 1..)?)?;
            let content = at + 1 + length_bytes;
            let place = at..content + length;
            at = place.end;
            Some((tag, bytes.get(content..place.end)?, place))
        });
        fields.filter(|(tag, ..)| *tag == ATTRIBUTE).filter_map(|(_, content, place)| Some((key_of(content)?, place)))
    }

    pub(super) fn event(&mut self, limits: &SpanLimits, name: &str, unix_nanos: u64, attributes: &[KeyValue]) {
        if self.events >= limits.events {
            self.dropped_events += 1;
            return;
        }
        self.events += 1;
        let (kept, dropped_attributes) = first(attributes, limits.attributes_per_event);
        let record = EventRecord { unix_nanos, name, dropped_attributes, ..EventRecord::default() };
        self.buffer.append(|out| {
            SpanWriter::new(out).event_with(&record, |out| one::append_all(out, kept, limits.value_length));
        });
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
        self.buffer.append(|out| {
            SpanWriter::new(out).link_with(&record, |out| one::append_all(out, kept, limits.value_length));
        });
    }

    /// Whether anything had no room.
    #[inline]
    pub(super) fn dropped_any(&self) -> bool {
        self.dropped_attributes | self.dropped_events | self.dropped_links != 0
    }

    /// Appends what is only known at the end, and is there for few spans. No attribute can be set after this.
    pub(super) fn close(&mut self, trace_state: &str, write_status: impl FnOnce(&mut Vec<u8>)) {
        let counts = [(10, self.dropped_attributes), (12, self.dropped_events), (14, self.dropped_links)];
        self.buffer.append(|out| {
            for (number, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
                field::uint(out, number, count.into());
            }
            if !trace_state.is_empty() {
                field::text(out, 3, trace_state);
            }
            write_status(out);
        });
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
