//! How a span of the middlewares begins.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::trace::{SpanKind, TraceContextExt};

use super::{Handle, Recorder, Recording, Start};
use crate::business::left_out;
use crate::clock::Moment;
use crate::pipeline::Telemetry;

/// A span that has begun, or has been left out.
pub(crate) struct Begun {
    /// With the span as the current one.
    pub(crate) context: Context,
    /// `None` where nothing is recorded.
    pub(crate) span: Option<Handle>,
}

/// Begins a span below `parent`, or leaves it out; where the trace is left out and this process has an id in it already, that
/// id goes on: what is not recorded needs no more.
pub(crate) fn begin(
    (telemetry, recorder): (&Telemetry, &Arc<Recorder>),
    parent: &Context,
    (name, kind): (Cow<'static, str>, SpanKind),
    started: Moment,
) -> Start {
    // A caller's id is not handed on as it is: each process has one of its own (W3C Trace Context, "Mutating the traceparent
    // Field").
    if left_out(parent) == Some(false) {
        telemetry.left_out(false);
        return Start::LeftOut(parent.span().span_context().clone());
    }
    recorder.begin(parent, name, kind, || started.unix_nanos())
}

impl Begun {
    /// What has begun, in `context`. `describe` adds attributes, and is only called when the span records: sampling comes
    /// first.
    pub(crate) fn inside(context: &Context, start: Start, describe: impl FnOnce(&mut Recording)) -> Self {
        match start {
            // The ids alone: nothing will be recorded, and nothing has to be locked.
            Start::LeftOut(ids) => Self { context: context.with_remote_span_context(ids), span: None },
            Start::Recorded(mut recording) => {
                describe(&mut recording);
                let span = Handle::new(recording);
                Self { context: context.with_span(span.clone()), span: Some(span) }
            }
        }
    }
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
            // Nothing shall leave the test; spans that go nowhere would not be made.
            "OTEL_TRACES_EXPORTER" => Some("console".to_owned()),
            name => name.ends_with("_EXPORTER").then(|| "none".to_owned()),
        };
        let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
        let telemetry = Telemetry::start(&config).expect("it starts");
        let mut built = false;
        let recorder = telemetry.recorder().expect("it is enabled");
        let name = (Cow::Borrowed("GET"), SpanKind::Server);
        let start = begin((&telemetry, recorder), parent, name, Moment::now());
        let begun = Begun::inside(parent, start, |span| {
            built = true;
            span.text("key", "value");
        });
        assert!(begun.context.span().span_context().is_valid(), "the trace goes on in any case");
        assert_eq!(begun.context.span().span_context().is_sampled(), begun.span.is_some());
        let own = begun.context.span().span_context().span_id() != parent.span().span_context().span_id();
        assert!(own, "the caller's id is not handed on as it is");
        (begun.span.is_some(), built)
    }

    #[test]
    fn attributes_are_built_after_sampling_and_only_for_what_is_sampled() {
        assert_eq!(begun("always_on", &Context::new()), (true, true));
        assert_eq!(begun("always_off", &Context::new()), (false, false));
        assert_eq!(begun("parentbased_always_off", &parent(TraceFlags::SAMPLED)), (true, true));
        assert_eq!(begun("parentbased_always_on", &parent(TraceFlags::default())), (false, false));
        assert_eq!(begun("always_off", &parent(TraceFlags::SAMPLED)), (false, false));
        assert_eq!(begun("always_on", &parent(TraceFlags::default())), (true, true));
    }
}
