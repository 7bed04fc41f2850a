//! The events and links of a span.

use crate::walk::DecodeError;
use crate::walk::attributes::{Attributes, check_attribute};
use crate::walk::wire::{Fields, Repeated, Section};
use crate::{SpanId, TraceId};

/// Something that happened at one time in a span.
#[derive(Debug, Clone, Copy, Default)]
pub struct Event<'a> {
    unix_nanos: u64,
    name: &'a str,
    attributes: &'a [u8],
    dropped_attributes: u32,
}

/// A reference to a span of this or another trace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Link<'a> {
    trace_id: &'a [u8],
    span_id: &'a [u8],
    trace_state: &'a str,
    attributes: &'a [u8],
    dropped_attributes: u32,
    flags: u32,
}

impl<'a> Event<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut event = Self::default();
        let mut attributes = Section::default();
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("Span.Event"))? {
            match number {
                1 => event.unix_nanos = wire.fixed64("Span.Event.time_unix_nano")?,
                2 => event.name = wire.text("Span.Event.name")?,
                3 => {
                    check_attribute(wire.bytes("Span.Event.attributes")?, 0)?;
                    attributes.include(from, fields.position());
                }
                4 => {
                    event.dropped_attributes = wire.varint("Span.Event.dropped_attributes_count")? as u32;
                }
                _ => {}
            }
            from = fields.position();
        }
        event.attributes = attributes.of(raw);
        Ok(event)
    }

    /// When, in nanoseconds since the Unix epoch.
    pub fn unix_nanos(&self) -> u64 {
        self.unix_nanos
    }

    /// What.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// More about it.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, 3)
    }

    /// How many attributes were left out for a limit.
    pub fn dropped_attributes(&self) -> u32 {
        self.dropped_attributes
    }
}

impl<'a> Link<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut link = Self::default();
        let mut attributes = Section::default();
        let mut fields = Fields::new(raw);
        let mut from = 0;
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("Span.Link"))? {
            match number {
                1 => link.trace_id = wire.bytes("Span.Link.trace_id")?,
                2 => link.span_id = wire.bytes("Span.Link.span_id")?,
                3 => link.trace_state = wire.text("Span.Link.trace_state")?,
                4 => {
                    check_attribute(wire.bytes("Span.Link.attributes")?, 0)?;
                    attributes.include(from, fields.position());
                }
                5 => {
                    link.dropped_attributes = wire.varint("Span.Link.dropped_attributes_count")? as u32;
                }
                6 => link.flags = wire.fixed32("Span.Link.flags")?,
                _ => {}
            }
            from = fields.position();
        }
        link.attributes = attributes.of(raw);
        Ok(link)
    }

    /// The trace of the other span; the zero id when the bytes are no id.
    pub fn trace_id(&self) -> TraceId {
        TraceId::from_slice(self.trace_id).unwrap_or_default()
    }

    /// The id of the other span; the zero id when the bytes are no id.
    pub fn span_id(&self) -> SpanId {
        SpanId::from_slice(self.span_id).unwrap_or_default()
    }

    pub(crate) fn id_bytes(&self) -> [&'a [u8]; 2] {
        [self.trace_id, self.span_id]
    }

    /// The `tracestate` of the other span.
    pub fn trace_state(&self) -> &'a str {
        self.trace_state
    }

    /// More about the link.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, 4)
    }

    /// How many attributes were left out for a limit.
    pub fn dropped_attributes(&self) -> u32 {
        self.dropped_attributes
    }

    /// The flags of the other span, as in [`Span::flags`](super::Span::flags).
    pub fn flags(&self) -> u32 {
        self.flags
    }
}

/// The events of a span, in the order in which they were sent.
#[derive(Debug, Clone)]
pub struct Events<'a>(Repeated<'a, Event<'a>>);

impl<'a> Events<'a> {
    pub(super) fn new(section: &'a [u8]) -> Self {
        Self(Repeated::new(section, 11, "Span.events", Event::parse))
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        self.0.next()?.ok()
    }
}

/// The links of a span, in the order in which they were sent.
#[derive(Debug, Clone)]
pub struct Links<'a>(Repeated<'a, Link<'a>>);

impl<'a> Links<'a> {
    pub(super) fn new(section: &'a [u8]) -> Self {
        Self(Repeated::new(section, 13, "Span.links", Link::parse))
    }
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        self.0.next()?.ok()
    }
}
