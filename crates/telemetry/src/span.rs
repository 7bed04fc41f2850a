//! How a span of the middlewares begins.

use std::borrow::Cow;

use opentelemetry::trace::{Span, SpanBuilder, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use crate::business::left_out;
use crate::clock::Started;
use crate::pipeline::Telemetry;

/// Room for every attribute of a span and some of a service's own, so that the list is allocated once: what the allocator
/// hands out from its fastest lists is up to 1,032 bytes.
const ROOM: usize = 1_024 / size_of::<KeyValue>();

/// A span that has begun.
pub(crate) struct Begun {
    /// With the span as the current one.
    pub(crate) context: Context,
    /// Whether it takes attributes: others are not worth building.
    pub(crate) is_recording: bool,
}

/// Begins a span below `parent`, or leaves it out where the trace is left out and this process has an id in it already: what
/// is not recorded needs no more than that. `attributes` is only called when the span records: sampling comes first.
///
/// The attributes go through the builder where the caller's decision is known, and into a list of the right size where the
/// sampler has to be asked. No key may come twice: the SDK keeps both.
pub(crate) fn begin(
    (telemetry, tracer): (&Telemetry, &SdkTracer),
    parent: &Context,
    (name, kind): (Cow<'static, str>, SpanKind),
    started: &Started,
    attributes: impl FnOnce(&mut Vec<KeyValue>),
) -> Begun {
    let is_left_out = left_out(parent);
    // A caller's id is not handed on as it is: each process has one of its own (W3C Trace Context, "Mutating the traceparent
    // Field").
    if is_left_out == Some(false) {
        telemetry.left_out(false);
        return Begun { context: parent.clone(), is_recording: false };
    }
    let has_sampled_parent = is_left_out.is_none() && parent.span().span_context().is_valid();
    let mut list = Vec::with_capacity(ROOM);
    let mut attributes = Some(attributes);
    if has_sampled_parent && let Some(attributes) = attributes.take() {
        attributes(&mut list);
    }
    let builder = SpanBuilder {
        name,
        span_kind: Some(kind),
        start_time: Some(started.time()),
        attributes: Some(list),
        ..SpanBuilder::default()
    };
    let mut span = tracer.build_with_context(builder, parent);
    let is_recording = span.is_recording();
    if !is_recording {
        // The ids alone: nothing will be recorded, and nothing has to be locked.
        let context = parent.with_remote_span_context(span.span_context().clone());
        return Begun { context, is_recording };
    }
    if let Some(attributes) = attributes {
        let mut list = Vec::with_capacity(ROOM);
        attributes(&mut list);
        span.set_attributes(list);
    }
    Begun { context: parent.with_span(span), is_recording }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

    use super::*;
    use crate::config::Config;

    fn parent(flags: TraceFlags) -> Context {
        let (trace, span) = (TraceId::from(1_u128), SpanId::from(2_u64));
        Context::new().with_remote_span_context(SpanContext::new(trace, span, flags, true, TraceState::NONE))
    }

    /// Whether the span records, and whether its attributes were built.
    fn begun(sampler: &str, parent: &Context) -> (bool, bool) {
        let lookup = |name: &str| match name {
            "OTEL_TRACES_SAMPLER" => Some(sampler.to_owned()),
            // Nothing shall leave the test.
            name => name.ends_with("_EXPORTER").then(|| "none".to_owned()),
        };
        let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
        let telemetry = Telemetry::start(&config).expect("it starts");
        let mut built = false;
        let begun = begin(
            (&telemetry, telemetry.tracer().expect("it is enabled")),
            parent,
            (Cow::Borrowed("GET"), SpanKind::Server),
            &Started::now(),
            |attributes| {
                built = true;
                attributes.push(KeyValue::new("key", "value"));
            },
        );
        assert!(begun.context.span().span_context().is_valid(), "the trace goes on in any case");
        assert_eq!(begun.context.span().span_context().is_sampled(), begun.is_recording);
        let own = begun.context.span().span_context().span_id() != parent.span().span_context().span_id();
        assert!(own, "the caller's id is not handed on as it is");
        (begun.is_recording, built)
    }

    #[test]
    fn attributes_are_built_after_sampling_and_only_for_what_is_sampled() {
        assert_eq!(begun("always_on", &Context::new()), (true, true));
        assert_eq!(begun("always_off", &Context::new()), (false, false));
        assert_eq!(begun("always_off", &parent(TraceFlags::SAMPLED)), (true, true));
        assert_eq!(begun("always_on", &parent(TraceFlags::default())), (false, false));
    }
}
