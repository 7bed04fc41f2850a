//! An event as a line of JSON.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use time::OffsetDateTime;
use tracing::field::{Field, FieldSet, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::fields::is_told;
use super::line::Line;
use crate::pipeline::Telemetry;

const TIMESTAMP: &str = "timestamp";
const LEVEL: &str = "level";
const TARGET: &str = "target";
const SERVICE: &str = "service.name";
const TRACE_ID: &str = "trace_id";
const SPAN_ID: &str = "span_id";
/// What every line says itself: a field of the event's own must not say it again.
const RESERVED: [&str; 6] = [TIMESTAMP, LEVEL, TARGET, SERVICE, TRACE_ID, SPAN_ID];

/// Formats the events of a process whose service has this name; within a request the request's service wins.
pub(super) struct JsonLines {
    service_name: String,
}

impl JsonLines {
    pub(super) fn new(service_name: &str) -> Self {
        Self { service_name: service_name.to_owned() }
    }
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::new();
        line.time(TIMESTAMP, OffsetDateTime::now_utc());
        line.text(LEVEL, event.metadata().level().as_str());
        line.text(TARGET, event.metadata().target());
        Context::map_current(|context| {
            line.text(SERVICE, context.get::<Telemetry>().map_or(&self.service_name, Telemetry::service_name));
            let span = context.span();
            let span = span.span_context();
            if span.is_valid() {
                line.formatted(TRACE_ID, format_args!("{}", span.trace_id()));
                line.formatted(SPAN_ID, format_args!("{}", span.span_id()));
            }
        });
        event.record(&mut Members { line: &mut line, fields: event.metadata().fields() });
        // Names and values are UTF-8, and so is what is made of them.
        writer.write_str(std::str::from_utf8(&line.end()).map_err(|_| fmt::Error)?)?;
        writer.write_char('\n')
    }
}

/// The event's own fields.
struct Members<'a> {
    line: &'a mut Line,
    fields: &'static FieldSet,
}

impl Members<'_> {
    fn add(&mut self, field: &Field, add: impl FnOnce(&mut Line, &str)) {
        if !is_told(field, self.fields) {
            return;
        }
        match field.name() {
            name if RESERVED.contains(&name) => add(self.line, &format!("event.{name}")),
            name => add(self.line, name),
        }
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, |line, name| line.double(name, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |line, name| line.literal(name, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |line, name| line.literal(name, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |line, name| line.literal(name, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |line, name| line.text(name, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, |line, name| line.formatted(name, format_args!("{value:?}")));
    }
}
