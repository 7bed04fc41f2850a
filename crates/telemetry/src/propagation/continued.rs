//! What a trace that comes from elsewhere brings along, and the SDK's span context has no room for.

use std::borrow::Cow;

use opentelemetry::trace::{SpanContext, TraceState};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};

use super::traceparent::RANDOM;

/// A caller's span, in whatever format it was named.
pub(super) struct Parent {
    /// As the SDK has it, which is remote.
    pub span: SpanContext,
    /// B3 and Jaeger: record in any case, and pass that on.
    pub debug: bool,
    /// Where the SDK has not room for all of the state.
    pub whole_state: Option<Box<str>>,
}

impl Parent {
    /// One without a state, if the ids are valid.
    pub fn stateless(trace_id: TraceId, span_id: SpanId, flags: TraceFlags, debug: bool) -> Option<Self> {
        let span = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
        span.is_valid().then_some(Self { span, debug, whole_state: None })
    }

    /// Of what two formats say, the later, with what only the earlier can say of the same span.
    pub fn latest(earlier: Option<Self>, later: Option<Self>) -> Option<Self> {
        let (earlier, later) = match (earlier, later) {
            (Some(earlier), Some(later)) => (earlier, later),
            (earlier, later) => return later.or(earlier),
        };
        let ids = |parent: &Self| (parent.span.trace_id(), parent.span.span_id());
        if ids(&earlier) != ids(&later) {
            return Some(later);
        }
        let has_state = *later.span.trace_state() != TraceState::NONE || later.whole_state.is_some();
        let stated = if has_state { &later } else { &earlier };
        let random = (earlier.span.trace_flags().to_u8() | later.span.trace_flags().to_u8()) & RANDOM;
        let flags = TraceFlags::new(random).with_sampled(later.span.is_sampled());
        let (trace_id, span_id) = ids(&later);
        Some(Self {
            span: SpanContext::new(trace_id, span_id, flags, true, stated.span.trace_state().clone()),
            debug: earlier.debug || later.debug,
            whole_state: stated.whole_state.clone(),
        })
    }

    /// What the context of a request that comes from it has besides what `base` has, and the caller's span.
    #[inline]
    pub fn continued(self, base: Base<'_>) -> (Cow<'_, Context>, Option<SpanContext>) {
        let Self { span, debug, whole_state } = self;
        let random = span.trace_flags().to_u8() & RANDOM != 0;
        let is_plain = !debug && whole_state.is_none();
        let context = match base {
            // Without a note a trace has a random id: nothing is to be noted.
            Base::Prepared(prepared) if is_plain && random => Cow::Borrowed(&prepared.context),
            Base::Prepared(prepared) if is_plain => Cow::Borrowed(&prepared.not_random),
            Base::Any(context) if is_plain && random && context.get::<Continued>().is_none() => Cow::Borrowed(context),
            Base::Any(context) if is_plain && context.get::<Continued>().is_none() => {
                Cow::Owned(context.with_value(NOT_RANDOM))
            }
            base => {
                let trace_id = Some(span.trace_id());
                let continued = Continued { trace_id, random, debug, state: whole_state };
                Cow::Owned(base.context().with_value(continued))
            }
        };
        (context, Some(span))
    }
}

/// What a context is noted with whose trace id is not said to be random. It is the same for all such traces.
const NOT_RANDOM: Continued = Continued { trace_id: None, random: false, debug: false, state: None };

/// What the context of a request begins as.
#[derive(Clone, Copy)]
pub enum Base<'a> {
    /// Any context.
    Any(&'a Context),
    /// One that many requests begin as.
    Prepared(&'a Prepared),
}

/// A context that many requests begin as, and the one of those whose trace id is not said to be random: it is not made again
/// for each of them.
#[derive(Debug)]
pub struct Prepared {
    context: Context,
    not_random: Context,
}

impl<'a> Base<'a> {
    pub fn context(self) -> &'a Context {
        match self {
            Self::Any(context) => context,
            Self::Prepared(prepared) => &prepared.context,
        }
    }
}

impl Prepared {
    /// Of a context that no trace has been continued in.
    pub fn new(context: Context) -> Self {
        Self { not_random: context.with_value(NOT_RANDOM), context }
    }
}

/// Kept in the `Context` of a request whose trace began elsewhere.
#[derive(Debug)]
pub(super) struct Continued {
    /// Of which trace this is said; `None` for any.
    trace_id: Option<TraceId>,
    /// Whether its id is said to be random. Whoever continues a trace must neither add nor take away that flag (Trace
    /// Context level 2, section "Random Trace ID Flag"); the SDK loses it with spans that are not sampled.
    pub random: bool,
    /// B3 and Jaeger: record in any case. A sampler that asks no caller does not ask for this either.
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

#[cfg(test)]
mod tests {
    use super::super::Propagators;
    use super::*;

    #[test]
    fn what_a_request_brings_does_not_depend_on_how_its_base_was_made() {
        let plain = Context::new().with_value(7_u8);
        let prepared = Prepared::new(plain.clone());
        let mut noted = Vec::new();
        for flags in ["00", "01", "02", "03"] {
            for state in ["", "a=1", "a@b@c=1"] {
                let traceparent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
                let request = [("traceparent", traceparent.as_str()), ("tracestate", state)];
                let said = |base| {
                    let (context, span) = Propagators::default().extract_parts(base, &request[..]);
                    let span = span.expect("the header names one");
                    let said = Continued::of(&context, &span).map(|said| (said.random, said.debug, said.state.clone()));
                    (context.get::<u8>().copied(), span, said)
                };
                assert_eq!(said(Base::Prepared(&prepared)), said(Base::Any(&plain)), "{request:?}");
                noted.push(said(Base::Prepared(&prepared)).2.is_some());
            }
        }
        assert!(noted.contains(&true) && noted.contains(&false), "{noted:?}");
    }
}
