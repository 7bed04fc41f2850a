//! How a trace, and baggage, travel between processes: read strictly, written without an allocation for the trace's ids.
//!
//! ```
//! use opentelemetry::trace::TraceContextExt;
//! use telemetry::propagation::Propagators;
//!
//! let propagators = Propagators::default();
//! let request = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"), ("baggage", "tenant.id=7")];
//! let context = propagators.extract(&request[..]);
//! assert!(context.span().span_context().is_remote());
//!
//! let mut headers = Vec::new();
//! propagators.inject(&context, |field, value| headers.push((field.name(), value.to_vec())));
//! assert_eq!(headers[0], ("traceparent", request[0].1.as_bytes().to_vec()));
//! assert_eq!(headers[1], ("baggage", b"tenant.id=7".to_vec()));
//! ```
//!
//! | format | name in `OTEL_PROPAGATORS` | source |
//! |---|---|---|
//! | [`traceparent`], [`tracestate`] | `tracecontext` | W3C Trace Context, level 1 and 2: see [`Level`] |
//! | [`baggage`] | `baggage` | W3C Baggage |
//! | `b3`, `X-B3-*` | `b3`, `b3multi` | openzipkin/b3-propagation |
//! | `uber-trace-id` | `jaeger` | Jaeger's client libraries |
//!
//! Nothing here panics, whatever a header has in it. The rules are shown one by one by the vectors in `vectors/`.

mod b3;
pub mod baggage;
mod continued;
mod field;
mod hex;
mod jaeger;
mod level;
mod propagator;
pub mod traceparent;
pub mod tracestate;

pub use field::{Carrier, Field};
pub use level::Level;
pub use propagator::{Propagator, UnknownPropagator};

use std::borrow::Cow;

use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};

pub(crate) use continued::{Base, Prepared};
use continued::{Continued, Parent};
use traceparent::{RANDOM, SAMPLED, Traceparent};
use tracestate::Tracestate;

/// Name of the header with which an instrumented service says in its answer which trace has begun with the request.
pub const TRACE_ID: &str = "x-trace-id";

/// The value of [`TRACE_ID`], without an allocation.
pub(crate) fn trace_id_text(trace_id: TraceId) -> [u8; 32] {
    let mut text = [0; 32];
    hex::write(&trace_id.to_bytes(), &mut text);
    text
}

/// The id of a span as it is written, without an allocation.
#[inline]
pub(crate) fn span_id_text(span_id: SpanId) -> [u8; 16] {
    let mut text = [0; 16];
    hex::write(&span_id.to_bytes(), &mut text);
    text
}

/// The formats of a process: what its requests are read from, and its calls are written to.
#[derive(Clone, Debug)]
pub struct Propagators {
    formats: Vec<Propagator>,
    baggage_keys: Vec<String>,
    level: Level,
}

impl Default for Propagators {
    /// W3C Trace Context level 2, and W3C Baggage with [`baggage::DEFAULT_KEYS`].
    fn default() -> Self {
        Self::new(&Propagator::DEFAULT, baggage::DEFAULT_KEYS)
    }
}

impl Propagators {
    /// Reads and writes these formats; none at all leaves every trace within its process. Of baggage these keys go on; one
    /// that is none ([`baggage::is_key`]) is never met.
    pub fn new<K: Into<String>>(formats: &[Propagator], baggage_keys: impl IntoIterator<Item = K>) -> Self {
        let mut keys: Vec<String> = Vec::new();
        for key in baggage_keys.into_iter().map(Into::into) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Self { formats: formats.to_vec(), baggage_keys: keys, level: Level::default() }
    }

    /// Keeps to this level of W3C Trace Context.
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The context that a request comes from: with the caller's span if its headers name one and break no rule, or else
    /// without, and a new trace begins; and with baggage if there is some.
    ///
    /// Where several formats name a span, that of the last one counts (OpenTelemetry specification, "Propagators API",
    /// section "Composite Propagator"). Where they name the same one, nothing is lost that only one of them can say.
    pub fn extract<C: Carrier + ?Sized>(&self, carrier: &C) -> Context {
        self.extract_into(&Context::new(), carrier)
    }

    /// As [`Propagators::extract`], in addition to what a context has already.
    pub fn extract_into<C: Carrier + ?Sized>(&self, context: &Context, carrier: &C) -> Context {
        match self.extract_parts(Base::Any(context), carrier) {
            (context, Some(parent)) => context.with_remote_span_context(parent),
            (context, None) => context.into_owned(),
        }
    }

    /// The same with the caller's span, which is valid, beside the context: for one that is to have a span of its own.
    pub(crate) fn extract_parts<'b, C: Carrier + ?Sized>(
        &self,
        base: Base<'b>,
        carrier: &C,
    ) -> (Cow<'b, Context>, Option<SpanContext>) {
        let (mut parent, mut baggage) = (None, None);
        for format in &self.formats {
            match format {
                // Mostly the only one that says something.
                Propagator::TraceContext if parent.is_none() => parent = self.trace_context(carrier),
                Propagator::TraceContext => parent = Parent::latest(parent, self.trace_context(carrier)),
                Propagator::Baggage => baggage = baggage::read(carrier.values(Field::Baggage), &self.baggage_keys),
                Propagator::B3 | Propagator::B3Multi => parent = Parent::latest(parent, b3::read(carrier)),
                Propagator::Jaeger => parent = Parent::latest(parent, jaeger::read(carrier)),
            }
        }
        let (context, parent) = match parent {
            Some(parent) => parent.continued(base),
            None => (Cow::Borrowed(base.context()), None),
        };
        match baggage {
            Some(baggage) => (Cow::Owned(context.with_baggage(baggage)), parent),
            None => (context, parent),
        }
    }

    /// Writes the context's current span, and its baggage: `set` is called with each field and its value, and replaces what
    /// a request has of that field. Without a valid span only baggage is written.
    pub fn inject(&self, context: &Context, set: impl FnMut(Field, &[u8])) {
        self.inject_span(context, context.span().span_context(), set);
    }

    /// The same with a span that is not the context's own.
    pub(crate) fn inject_span(&self, context: &Context, span: &SpanContext, mut set: impl FnMut(Field, &[u8])) {
        let continued = Continued::of(context, span);
        let (trace_id, span_id, sampled) = (span.trace_id(), span.span_id(), span.is_sampled());
        // A sampler that does not ask the caller may have left out what it was to record in any case: then nobody else is to.
        let debug = sampled && continued.is_some_and(|continued| continued.debug);
        for format in &self.formats {
            match format {
                Propagator::Baggage => self.write_baggage(context, &mut set),
                _ if !span.is_valid() => {}
                Propagator::TraceContext => self.write_trace_context(span, continued, &mut set),
                Propagator::B3 => b3::write_single(trace_id, span_id, sampled, debug, &mut set),
                Propagator::B3Multi => b3::write_multi(trace_id, span_id, sampled, debug, &mut set),
                Propagator::Jaeger => jaeger::write(trace_id, span_id, sampled, debug, &mut set),
            }
        }
    }

    #[inline]
    fn trace_context<C: Carrier + ?Sized>(&self, carrier: &C) -> Option<Parent> {
        let Traceparent { trace_id, parent_id, flags } =
            Traceparent::parse(carrier.value(Field::Traceparent)?, self.level)?;
        let mut values = carrier.values(Field::Tracestate).peekable();
        let (mut state, mut whole_state) = (TraceState::NONE, None);
        // A broken list is left out, and does not break the trace.
        if values.peek().is_some()
            && let Some(list) = Tracestate::parse(values, self.level)
        {
            let all;
            (state, all) = list.to_sdk();
            whole_state = (!all).then(|| tracestate::join(list.iter()).into_boxed_str());
        }
        Some(Parent { span: SpanContext::new(trace_id, parent_id, flags, true, state), debug: false, whole_state })
    }

    fn write_trace_context(
        &self,
        span: &SpanContext,
        continued: Option<&Continued>,
        set: &mut impl FnMut(Field, &[u8]),
    ) {
        // The SDK hands the flag on where it samples, and draws the ids of traces that begin here at random.
        let random = span.trace_flags().to_u8() & RANDOM != 0
            || continued.map_or(!span.is_remote(), |continued| continued.random);
        let flags = if span.is_sampled() { SAMPLED } else { 0 } | if random { RANDOM } else { 0 };
        let flags = TraceFlags::new(flags & self.level.flags());
        let header = Traceparent { trace_id: span.trace_id(), parent_id: span.span_id(), flags };
        set(Field::Traceparent, &header.to_bytes());
        if let Some(state) = continued.and_then(|continued| continued.state.as_deref()) {
            set(Field::Tracestate, state.as_bytes());
            return;
        }
        let state = span.trace_state().into_iter();
        if state.len() > 0 {
            set(Field::Tracestate, tracestate::join(state).as_bytes());
        }
    }

    fn write_baggage(&self, context: &Context, set: &mut impl FnMut(Field, &[u8])) {
        let baggage = context.baggage();
        if baggage.is_empty() {
            return;
        }
        let text = baggage::write(baggage, &self.baggage_keys);
        if !text.is_empty() {
            set(Field::Baggage, text.as_bytes());
        }
    }
}
