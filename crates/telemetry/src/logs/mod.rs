//! The log: JSON lines on standard error, and the same records over OTLP, each with the trace and the span that it belongs
//! to.
//!
//! Events come from the `tracing` crate's macros; spans do not, so that no filter of the log changes what is traced.
//!
//! Members of a line: `timestamp` (RFC 3339, UTC), `level`, `target`, `service.name`, `trace_id`, `span_id` (hex; only
//! inside of a trace), `message`, and the event's own fields. An event's own field that has one of the first six names gets
//! `event.` in front of it; of fields of one event that have the same name the first one is written. Fields whose names say
//! that they name a person or are secrets, such as `user.email`, are left out unless `TELEMETRY_PII=plain`.
//!
//! A record over OTLP has the event's level as its severity, the message as its body, the other fields as attributes, the
//! trace and the span, and the event's target as its scope. It goes where the request's [`Telemetry`] sends its telemetry;
//! outside of a request, where [`export_through`] says.

mod export;
mod fields;
mod json;
mod line;
mod panics;
mod record;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) use export::Records;

use crate::pipeline::Telemetry;

/// What is logged when nothing is said: the web server's own account of its start says nothing that ours does not.
const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// Starts the log of this process. `filter` is `RUST_LOG`'s text (`info` without the web server's own when empty); it never
/// changes what spans there are. Panics are records of the log from now on, with their place and without their message,
/// which may have anybody's data in it.
///
/// A second call changes nothing: one process has one log.
///
/// # Errors
/// When `filter` cannot be read; nothing is started then.
pub fn start(service_name: &str, filter: &str) -> Result<(), ParseError> {
    // The only error says that there is a log already.
    if subscriber(service_name, filter, std::io::stderr)?.try_init().is_ok() {
        panics::log_them();
    }
    Ok(())
}

/// The log without its place in the process: for tests, and for programs that add layers of their own. `filter` is as in
/// [`start`]; lines are written to `writer`.
///
/// # Errors
/// When `filter` cannot be read.
pub fn subscriber<W>(
    service_name: &str,
    filter: &str,
    writer: W,
) -> Result<impl tracing::Subscriber + Send + Sync + use<W>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(if filter.is_empty() { DEFAULT_FILTER } else { filter })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).event_format(json::JsonLines::new(service_name));
    Ok(tracing_subscriber::registry().with(filter).with(lines).with(export::Export::default()))
}

/// Records outside of a request go where this telemetry sends them, for as long as somebody else has it. The first call
/// counts: a process has one such place.
pub fn export_through(telemetry: &Telemetry) {
    export::set_main(telemetry);
}
