//! JSON lines on stderr, each with the trace and the span that it belongs to.
//!
//! Fields: `timestamp` (RFC 3339, UTC), `level`, `target`, `service.name`, `trace_id`, `span_id` (hex; only inside of a
//! trace), `message`, and the event's own fields.

use std::fmt::{self, Write};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::pipeline::Telemetry;

/// What is logged when nothing is said: the web server's own account of its start says nothing that ours does not.
const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// Starts the log of this process. `filter` is `RUST_LOG`'s text (`info` without the web server's own when empty); it never changes what spans there are.
/// A second call changes nothing: one process has one log.
///
/// # Errors
/// When `filter` cannot be read; nothing is started then.
pub fn start(service_name: &str, filter: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(if filter.is_empty() { DEFAULT_FILTER } else { filter })?;
    let format = JsonLines { service_name: service_name.to_owned() };
    // The only error says that there is a log already.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).event_format(format).try_init();
    Ok(())
}

struct JsonLines {
    service_name: String,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        line.add("timestamp", now);
        line.add("level", event.metadata().level().as_str());
        line.add("target", event.metadata().target());
        Context::map_current(|context| {
            let service = context.get::<Telemetry>().map_or(self.service_name.as_str(), Telemetry::service_name);
            line.add("service.name", service);
            let span = context.span();
            if span.span_context().is_valid() {
                line.add("trace_id", span.span_context().trace_id().to_string());
                line.add("span_id", span.span_context().span_id().to_string());
            }
        });
        event.record(&mut line);
        writeln!(writer, "{{{}}}", line.0)
    }
}

/// The members of a JSON object, in the order in which a person reads them.
#[derive(Default)]
struct Line(String);

impl Line {
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        let comma = if self.0.is_empty() { "" } else { "," };
        // Writing to a String does not fail.
        let _ = write!(self.0, "{comma}{}:{}", Value::from(name), value.into());
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}"));
    }
}
