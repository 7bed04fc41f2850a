//! What is encoded: borrowed spans, events, links and attribute values.

use crate::{SpanId, SpanKind, StatusCode, TraceId};

/// The value of an attribute. Unsigned numbers are to be given as `Int`; OTLP knows no others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A text.
    Str(&'a str),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Texts in order.
    StrArray(&'a [&'a str]),
    /// Bytes without a meaning of their own.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Str(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

/// One span. Times are nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpanRecord<'a> {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The id of the span that caused it; none for a root.
    pub parent_span_id: Option<SpanId>,
    /// The W3C `tracestate`, empty when there is none.
    pub trace_state: &'a str,
    /// Its part in the conversation.
    pub kind: SpanKind,
    /// Its name, of few distinct values.
    pub name: &'a str,
    /// When it began.
    pub start_unix_nanos: u64,
    /// When it ended.
    pub end_unix_nanos: u64,
    /// Its attributes; a key stands only once.
    pub attributes: &'a [(&'a str, Value<'a>)],
    /// How many attributes were left out for a limit.
    pub dropped_attributes: u32,
    /// What happened meanwhile.
    pub events: &'a [EventRecord<'a>],
    /// How many events were left out for a limit.
    pub dropped_events: u32,
    /// Other spans it has to do with.
    pub links: &'a [LinkRecord<'a>],
    /// How many links were left out for a limit.
    pub dropped_links: u32,
    /// How it ended.
    pub status: StatusCode,
    /// Why it failed, for developers.
    pub status_message: &'a str,
    /// W3C trace flags in the low eight bits; 0x100 says that 0x200 (the parent is remote) is known.
    pub flags: u32,
}

/// Something that happened at one time in a span.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRecord<'a> {
    /// When, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// What.
    pub name: &'a str,
    /// More about it.
    pub attributes: &'a [(&'a str, Value<'a>)],
    /// How many attributes were left out for a limit.
    pub dropped_attributes: u32,
}

/// A reference to a span of this or another trace.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkRecord<'a> {
    /// The trace of the other span.
    pub trace_id: TraceId,
    /// The id of the other span.
    pub span_id: SpanId,
    /// The `tracestate` of the other span.
    pub trace_state: &'a str,
    /// More about the link.
    pub attributes: &'a [(&'a str, Value<'a>)],
    /// How many attributes were left out for a limit.
    pub dropped_attributes: u32,
    /// The flags of the other span, as in [`SpanRecord::flags`].
    pub flags: u32,
}
