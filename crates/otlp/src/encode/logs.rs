//! Log records: members of the `ScopeLogs` of an `ExportLogsServiceRequest`.
//!
//! Source: opentelemetry-proto 1.7, `logs.proto`; OpenTelemetry specification, "Logs Data Model".

use super::Value;
use super::span::append_attributes;
use crate::{SpanId, TraceId, field};

/// Bytes that a record's length is expected to take: right from 128 bytes to 16 KiB.
const RECORD_LENGTH_BYTES: usize = 2;

/// How grave a record is. The numbers are those of the data model, where each has three finer ones above it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Severity {
    /// 1.
    Trace = 1,
    /// 5.
    Debug = 5,
    /// 9.
    #[default]
    Info = 9,
    /// 13.
    Warn = 13,
    /// 17.
    Error = 17,
}

impl Severity {
    /// `severity_text`: the level as its source writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// The span that a record belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpanReference {
    /// Its trace.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// W3C trace flags.
    pub flags: u8,
}

/// A record without its body and its attributes, which a [`LogWriter`] adds.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogRecord<'a> {
    /// When it happened, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// When it was noticed, in the same unit.
    pub observed_unix_nanos: u64,
    /// How grave it is.
    pub severity: Severity,
    /// Where it happened; `None` outside of a trace.
    pub span: Option<SpanReference>,
    /// What kind of event it is; empty for none.
    pub event_name: &'a str,
}

/// Appends body and attributes to the record that is being written.
#[derive(Debug)]
pub struct LogWriter<'b> {
    out: &'b mut Vec<u8>,
}

/// Appends a record as a member of `ScopeLogs`, with the body and the attributes that `more` adds. Records that were
/// appended one after another are the body of a `ScopeLogs`.
pub fn append_log(out: &mut Vec<u8>, record: &LogRecord<'_>, more: impl FnOnce(&mut LogWriter<'_>)) {
    field::message_of(out, 2, RECORD_LENGTH_BYTES, |out| {
        field::fixed64(out, 1, record.unix_nanos);
        field::uint(out, 2, record.severity as u64);
        field::text(out, 3, record.severity.text());
        more(&mut LogWriter { out });
        if let Some(span) = &record.span {
            if span.flags != 0 {
                field::fixed32(out, 8, span.flags.into());
            }
            field::bytes(out, 9, &span.trace_id.0);
            field::bytes(out, 10, &span.span_id.0);
        }
        field::fixed64(out, 11, record.observed_unix_nanos);
        if !record.event_name.is_empty() {
            field::text(out, 12, record.event_name);
        }
    });
}

impl LogWriter<'_> {
    /// Sets the body: at most once a record.
    pub fn body(&mut self, text: &str) {
        field::message(self.out, 5, |out| field::text(out, 1, text));
    }

    /// Appends an attribute; a key stands only once.
    pub fn attribute(&mut self, key: &str, value: Value<'_>) {
        append_attributes(self.out, 6, [(key, value)]);
    }

    /// Says how many attributes were left out for a limit: at most once a record.
    pub fn dropped_attributes(&mut self, attributes: u32) {
        if attributes != 0 {
            field::uint(self.out, 7, attributes.into());
        }
    }
}
