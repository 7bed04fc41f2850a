//! What a trace that comes from elsewhere brings along, and the SDK's span context has no room for.

use opentelemetry::trace::{SpanContext, TraceState};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};

use super::traceparent::RANDOM;

/// A caller's span, in whatever format it was named.
pub(super) struct Parent {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub flags: TraceFlags,
    /// B3 and Jaeger: record in any case, and pass that on.
    pub debug: bool,
    /// For the SDK.
    pub state: TraceState,
    /// Where the SDK has not room for all of it.
    pub whole_state: Option<Box<str>>,
}

impl Parent {
    /// Of what two formats say, the later, with what only the earlier can say of the same span.
    pub fn latest(earlier: Option<Self>, later: Option<Self>) -> Option<Self> {
        let (earlier, later) = match (earlier, later) {
            (Some(earlier), Some(later)) => (earlier, later),
            (earlier, later) => return later.or(earlier),
        };
        if (earlier.trace_id, earlier.span_id) != (later.trace_id, later.span_id) {
            return Some(later);
        }
        let stated = if later.state == TraceState::NONE && later.whole_state.is_none() { &earlier } else { &later };
        let random = (earlier.flags.to_u8() | later.flags.to_u8()) & RANDOM;
        Some(Self {
            flags: TraceFlags::new(random).with_sampled(later.flags.is_sampled()),
            debug: earlier.debug || later.debug,
            state: stated.state.clone(),
            whole_state: stated.whole_state.clone(),
            ..later
        })
    }

    /// What the context of a request that comes from it has besides what `base` has, and the caller's span.
    pub fn continued(self, base: &Context) -> (Context, SpanContext) {
        let Self { trace_id, span_id, flags, debug, state, whole_state } = self;
        let random = flags.to_u8() & RANDOM != 0;
        let span = SpanContext::new(trace_id, span_id, flags, true, state);
        if debug || whole_state.is_some() || base.get::<Continued>().is_some() {
            let continued = Continued { trace_id: Some(trace_id), random, debug, state: whole_state };
            return (base.with_value(continued), span);
        }
        // Without a note a trace has a random id: nothing is to be noted.
        if random {
            return (base.clone(), span);
        }
        match base.get::<Prepared>() {
            Some(Prepared(not_random)) => (not_random.clone(), span),
            None => (base.with_value(NOT_RANDOM), span),
        }
    }
}

/// What a context is noted with whose trace id is not said to be random. It is the same for all such traces.
const NOT_RANDOM: Continued = Continued { trace_id: None, random: false, debug: false, state: None };

/// Kept in a context that requests begin as: the same context, noted with [`NOT_RANDOM`].
#[derive(Debug)]
struct Prepared(Context);

/// The context with what spares [`Parent::continued`] the making of a context.
pub(super) fn prepared(base: &Context) -> Context {
    base.with_value(Prepared(base.with_value(NOT_RANDOM)))
}

/// Kept in the `Context` of a request whose trace began elsewhere.
#[derive(Debug)]
pub(super) struct Continued {
    /// Of which trace this is said; `None` for any.
    trace_id: Option<TraceId>,
    /// Whether its id is said to be random. Whoever continues a trace must neither add nor take away that flag (Trace
    /// Context level 2, section "Random Trace ID Flag"); the SDK loses it with spans that are not sampled.
    pub random: bool,
    /// B3 and Jaeger: record in any case.
    pub debug: bool,
    /// The whole `tracestate`, where the SDK has not room for all of it.
    pub state: Option<Box<str>>,
}

impl Continued {
    /// What is known of the trace of the context's current span, if it is the one that was continued.
    pub fn of<'a>(context: &'a Context, span: &SpanContext) -> Option<&'a Self> {
        context.get::<Self>().filter(|continued| continued.trace_id.is_none_or(|trace_id| trace_id == span.trace_id()))
    }
}
