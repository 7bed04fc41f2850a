//! JSON lines on stderr, each with the trace and the span that it belongs to.
//!
//! Fields: `timestamp` (RFC 3339, UTC), `level`, `target`, `service.name`, `trace_id`, `span_id` (hex; only inside of a
//! trace), `message`, and the event's own fields.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::pipeline::Telemetry;

/// Starts the log of this process. `filter` is `RUST_LOG`'s text (`info` when empty); it never changes what spans there are.
/// A second call changes nothing: one process has one log.
///
/// # Errors
/// When `filter` cannot be read; nothing is started then.
pub fn start(service_name: &str, filter: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(if filter.is_empty() { "info" } else { filter })?;
    let format = JsonLines { service_name: service_name.to_owned() };
    // The only error says that there is a log already.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).event_format(format).try_init();
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
        let mut line = Map::new();
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        line.insert("timestamp".to_owned(), now.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        Context::map_current(|context| {
            let service = context.get::<Telemetry>().map_or(self.service_name.as_str(), Telemetry::service_name);
            line.insert("service.name".to_owned(), service.into());
            let span = context.span();
            if span.span_context().is_valid() {
                line.insert("trace_id".to_owned(), span.span_context().trace_id().to_string().into());
                line.insert("span_id".to_owned(), span.span_context().span_id().to_string().into());
            }
        });
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// An event's fields as JSON values.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}
