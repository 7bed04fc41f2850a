//! `Span` with all its fields.

mod event;
mod ids;

pub use event::{Event, Events, Link, Links};
pub use ids::{IdError, SpanIds};

use super::DecodeError;
use super::attributes::{Attributes, check_attribute};
use super::wire::{Fields, Section};
use crate::{SpanId, SpanKind, StatusCode, TraceId};

/// One span, checked whole.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span<'a> {
    raw: &'a [u8],
    trace_id: &'a [u8],
    span_id: &'a [u8],
    trace_state: &'a str,
    parent_span_id: &'a [u8],
    name: &'a str,
    kind: i32,
    start_unix_nanos: u64,
    end_unix_nanos: u64,
    attributes: &'a [u8],
    dropped_attributes: u32,
    events: &'a [u8],
    dropped_events: u32,
    links: &'a [u8],
    dropped_links: u32,
    status: Option<Status<'a>>,
    flags: u32,
}

/// How a span ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status<'a> {
    code: i32,
    message: &'a str,
}

impl<'a> Span<'a> {
    /// Reads and checks the bytes of a `Span` message.
    pub fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut span = Self { raw, ..Self::default() };
        let [mut attributes, mut events, mut links] = [Section::default(); 3];
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("Span"))? {
            match number {
                1 => span.trace_id = wire.bytes("Span.trace_id")?,
                2 => span.span_id = wire.bytes("Span.span_id")?,
                3 => span.trace_state = wire.text("Span.trace_state")?,
                4 => span.parent_span_id = wire.bytes("Span.parent_span_id")?,
                5 => span.name = wire.text("Span.name")?,
                6 => span.kind = wire.varint("Span.kind")? as i32,
                7 => span.start_unix_nanos = wire.fixed64("Span.start_time_unix_nano")?,
                8 => span.end_unix_nanos = wire.fixed64("Span.end_time_unix_nano")?,
                9 => {
                    check_attribute(wire.bytes("Span.attributes")?, 0)?;
                    attributes.include(from, fields.position());
                }
                10 => span.dropped_attributes = wire.varint("Span.dropped_attributes_count")? as u32,
                11 => {
                    Event::parse(wire.bytes("Span.events")?)?;
                    events.include(from, fields.position());
                }
                12 => span.dropped_events = wire.varint("Span.dropped_events_count")? as u32,
                13 => {
                    Link::parse(wire.bytes("Span.links")?)?;
                    links.include(from, fields.position());
                }
                14 => span.dropped_links = wire.varint("Span.dropped_links_count")? as u32,
                15 => span.status = Some(Status::parse(wire.bytes("Span.status")?)?),
                16 => span.flags = wire.fixed32("Span.flags")?,
                _ => {}
            }
            from = fields.position();
        }
        span.attributes = attributes.of(raw);
        span.events = events.of(raw);
        span.links = links.of(raw);
        Ok(span)
    }

    /// The bytes of the message.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The trace it belongs to; the zero id when the bytes are no id. See [`ids`](Self::ids).
    pub fn trace_id(&self) -> TraceId {
        TraceId::from_slice(self.trace_id).unwrap_or_default()
    }

    /// Its own id; the zero id when the bytes are no id. See [`ids`](Self::ids).
    pub fn span_id(&self) -> SpanId {
        SpanId::from_slice(self.span_id).unwrap_or_default()
    }

    /// The id of its parent; none for a root, also where a sender wrote a zero id for it.
    pub fn parent_span_id(&self) -> Option<SpanId> {
        SpanId::from_slice(self.parent_span_id).filter(SpanId::is_valid)
    }

    /// All three ids, or why the span cannot be placed in a trace.
    pub fn ids(&self) -> Result<SpanIds, IdError> {
        SpanIds::parse(self.trace_id, self.span_id, self.parent_span_id)
    }

    pub(crate) fn id_bytes(&self) -> [&'a [u8]; 3] {
        [self.trace_id, self.span_id, self.parent_span_id]
    }

    /// The W3C `tracestate`.
    pub fn trace_state(&self) -> &'a str {
        self.trace_state
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its kind.
    pub fn kind(&self) -> SpanKind {
        SpanKind::from_number(self.kind)
    }

    /// The number of its kind, which may be one that is not known here.
    pub fn kind_number(&self) -> i32 {
        self.kind
    }

    /// When it began, in nanoseconds since the Unix epoch.
    pub fn start_unix_nanos(&self) -> u64 {
        self.start_unix_nanos
    }

    /// When it ended, in nanoseconds since the Unix epoch.
    pub fn end_unix_nanos(&self) -> u64 {
        self.end_unix_nanos
    }

    /// How long it took in nanoseconds; zero when it ended before it began.
    pub fn duration_nanos(&self) -> u64 {
        self.end_unix_nanos.saturating_sub(self.start_unix_nanos)
    }

    /// Its attributes.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, 9)
    }

    /// How many attributes were left out for a limit.
    pub fn dropped_attributes(&self) -> u32 {
        self.dropped_attributes
    }

    /// What happened meanwhile.
    pub fn events(&self) -> Events<'a> {
        Events::new(self.events)
    }

    /// How many events were left out for a limit.
    pub fn dropped_events(&self) -> u32 {
        self.dropped_events
    }

    /// Other spans it has to do with.
    pub fn links(&self) -> Links<'a> {
        Links::new(self.links)
    }

    /// How many links were left out for a limit.
    pub fn dropped_links(&self) -> u32 {
        self.dropped_links
    }

    /// How it ended; unset when nothing was sent.
    pub fn status(&self) -> Status<'a> {
        self.status.unwrap_or_default()
    }

    /// Whether a status was sent, if only an unset one.
    pub fn has_status(&self) -> bool {
        self.status.is_some()
    }

    /// W3C trace flags in the low eight bits, and whether the parent is remote in the next two.
    pub fn flags(&self) -> u32 {
        self.flags
    }
}

impl<'a> Status<'a> {
    fn parse(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut status = Self::default();
        let mut fields = Fields::new(message);
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("Status"))? {
            match number {
                2 => status.message = wire.text("Status.message")?,
                3 => status.code = wire.varint("Status.code")? as i32,
                _ => {}
            }
        }
        Ok(status)
    }

    /// The code.
    pub fn code(&self) -> StatusCode {
        StatusCode::from_number(self.code)
    }

    /// The number of the code, which may be one that is not known here.
    pub fn code_number(&self) -> i32 {
        self.code
    }

    /// Why the span failed, for developers.
    pub fn message(&self) -> &'a str {
        self.message
    }
}
