//! An event as an OTLP log record.
//!
//! Source: OpenTelemetry specification, "Logs Data Model"; opentelemetry-proto 1.7, `logs.proto`.

use std::fmt::{self, Write as _};

use otlp::encode::Value;
use otlp::encode::logs::{LogRecord, LogWriter, Severity, SpanReference, append_log};
use tracing::field::{Field, FieldSet, Visit};
use tracing::{Event, Level};

use super::fields::{MESSAGE, is_told};
use crate::config::LogLimits;
use crate::recording::cut;

/// How names of events begin that nobody has given one: the file and the line follow.
const UNNAMED: &str = "event ";

/// Appends `event` to `out`. `text` is where values are formatted.
pub(super) fn append(
    out: &mut Vec<u8>,
    text: &mut String,
    event: &Event<'_>,
    unix_nanos: u64,
    span: Option<SpanReference>,
    limits: LogLimits,
) {
    let metadata = event.metadata();
    let event_name = if metadata.name().starts_with(UNNAMED) { "" } else { metadata.name() };
    let severity = severity(*metadata.level());
    let record = LogRecord { unix_nanos, observed_unix_nanos: unix_nanos, severity, span, event_name };
    append_log(out, &record, |writer| {
        let mut attributes = Attributes { writer, text, fields: metadata.fields(), limits, written: 0, dropped: 0 };
        event.record(&mut attributes);
        let dropped = attributes.dropped;
        writer.dropped_attributes(dropped);
    });
}

fn severity(level: Level) -> Severity {
    match level {
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warn,
        Level::INFO => Severity::Info,
        Level::DEBUG => Severity::Debug,
        Level::TRACE => Severity::Trace,
    }
}

struct Attributes<'a, 'b> {
    writer: &'a mut LogWriter<'b>,
    text: &'a mut String,
    fields: &'static FieldSet,
    limits: LogLimits,
    written: u32,
    dropped: u32,
}

impl Attributes<'_, '_> {
    fn add(&mut self, field: &Field, value: Value<'_>) {
        if !is_told(field, self.fields) {
            return;
        }
        match value {
            Value::Str(text) if field.name() == MESSAGE => self.writer.body(text),
            _ if self.written == self.limits.attributes => self.dropped += 1,
            _ => {
                self.written += 1;
                let value = match value {
                    Value::Str(text) => Value::Str(cut(text, self.limits.value_length)),
                    other => other,
                };
                self.writer.attribute(field.name(), value);
            }
        }
    }

    fn add_formatted(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // What is left out is not formatted either.
        if !is_told(field, self.fields) {
            return;
        }
        let mut text = std::mem::take(self.text);
        text.clear();
        // What cannot be written is written as far as it can.
        let _ = text.write_fmt(value);
        self.add(field, Value::Str(&text));
        *self.text = text;
    }
}

impl Visit for Attributes<'_, '_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::Double(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // OTLP knows no unsigned numbers; those beyond the signed ones are texts.
        match i64::try_from(value) {
            Ok(value) => self.add(field, Value::Int(value)),
            Err(_) => self.add_formatted(field, format_args!("{value}")),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::Str(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_formatted(field, format_args!("{value:?}"));
    }
}
