//! The telemetry that the current request belongs to, found through the OpenTelemetry `Context`.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

use crate::pipeline::Telemetry;
use crate::propagation;

/// The handle that the SERVER span put into the current context; `None` outside of a request.
pub(crate) fn telemetry() -> Option<Telemetry> {
    if cfg!(feature = "passthrough") {
        return None;
    }
    Context::map_current(|context| context.get::<Telemetry>().cloned())
}

/// The current trace's id as 32 lower-case hex digits; `None` outside of a trace.
pub fn trace_id() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span_context = span.span_context();
        let text = span_context.is_valid().then(|| propagation::trace_id_text(span_context.trace_id()))?;
        String::from_utf8(text.into()).ok()
    })
}

/// `service.name` of the telemetry that the current request belongs to; `None` outside of a request.
pub fn service_name() -> Option<String> {
    Context::map_current(|context| context.get::<Telemetry>().map(|telemetry| telemetry.service_name().to_owned()))
}
