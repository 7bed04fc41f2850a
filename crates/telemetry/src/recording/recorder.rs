//! Where spans come from and where they go: what a tracer and a processor are elsewhere.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceState};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::{Recording, Told};
use crate::config::SpanLimits;
use crate::export::queue::Queue;
use crate::sampling::Sampler;

/// Makes the spans of one pipeline.
#[derive(Debug)]
pub struct Recorder {
    sampler: Sampler,
    ids: RandomIdGenerator,
    pub(super) limits: SpanLimits,
    /// Whether what a program says may have private keys.
    pub(super) personal_data: bool,
    /// Where they wait, and what stands in front of them in their `ScopeSpans`; `None` where they go nowhere.
    queue: Option<(Arc<Queue>, Arc<[u8]>)>,
    /// Whether the pipeline has ended: no span begins any more.
    closed: AtomicBool,
}

/// A span, or what stands for it where none is recorded.
#[derive(Debug)]
pub enum Start {
    /// The span.
    Recorded(Recording),
    /// Its ids alone: the trace goes on without it.
    LeftOut(SpanContext),
}

impl Recorder {
    pub(crate) fn new(sampler: Sampler, limits: SpanLimits, queue: Option<(Arc<Queue>, Arc<[u8]>)>) -> Self {
        let (ids, closed) = (RandomIdGenerator::default(), AtomicBool::new(false));
        Self { sampler, ids, limits, personal_data: false, queue, closed }
    }

    /// Records private keys, or leaves them out, as without this.
    pub(crate) fn with_personal_data(self, personal_data: bool) -> Self {
        Self { personal_data, ..self }
    }

    /// Begins a span below the context's, or a trace where it has none.
    pub(crate) fn begin(
        self: &Arc<Self>,
        context: &Context,
        name: Cow<'static, str>,
        kind: SpanKind,
        start_unix_nanos: impl FnOnce() -> u64,
    ) -> Start {
        if context.is_telemetry_suppressed() {
            return Start::LeftOut(SpanContext::NONE);
        }
        let span = context.span();
        let parent = Some(span.span_context()).filter(|parent| parent.is_valid());
        self.begin_below(parent, (name, kind), start_unix_nanos)
    }

    /// Begins a span below `parent`, which is valid, or a trace. When it began is asked for only where it is recorded.
    pub(crate) fn begin_below(
        self: &Arc<Self>,
        parent: Option<&SpanContext>,
        (name, kind): (Cow<'static, str>, SpanKind),
        start_unix_nanos: impl FnOnce() -> u64,
    ) -> Start {
        if self.closed.load(Ordering::Relaxed) {
            return Start::LeftOut(SpanContext::NONE);
        }
        let trace_id = parent.map_or_else(|| self.ids.new_trace_id(), SpanContext::trace_id);
        let state = parent.map_or(TraceState::NONE, |parent| parent.trace_state().clone());
        let sampled = self.sampler.samples(parent, trace_id);
        // Whatever else the caller's flags say of the trace goes on with it.
        let flags = match parent {
            Some(parent) if sampled => parent.trace_flags().with_sampled(true),
            _ => TraceFlags::default().with_sampled(sampled),
        };
        let context = SpanContext::new(trace_id, self.ids.new_span_id(), flags, false, state);
        // What goes nowhere is not made. The decision on the trace goes on all the same: others have spans in it.
        if !sampled || !self.sampler.keeps() {
            return Start::LeftOut(context);
        }
        let told = Told {
            context,
            parent: parent.map_or(SpanId::INVALID, SpanContext::span_id),
            parent_is_remote: parent.is_some_and(SpanContext::is_remote),
            kind,
            name,
            start_unix_nanos: start_unix_nanos(),
            status: Status::Unset,
        };
        Start::Recorded(self.recording(told))
    }

    /// Whether a trace that another process has left out is left out here because of that.
    pub(crate) fn follows_callers(&self) -> bool {
        self.sampler.follows_callers()
    }

    /// The ids of this process in a trace whose caller has left it out.
    #[inline]
    pub(crate) fn leave_out_below(&self, parent: &SpanContext) -> SpanContext {
        if self.closed.load(Ordering::Relaxed) {
            return SpanContext::NONE;
        }
        self.sampler.left_out(parent.is_remote());
        // Who samples below this has to be told which trace it is, by an id of this process.
        let state = parent.trace_state().clone();
        SpanContext::new(parent.trace_id(), self.ids.new_span_id(), TraceFlags::default(), false, state)
    }

    /// A span that says this of itself.
    pub(crate) fn recording(self: &Arc<Self>, told: Told) -> Recording {
        Recording::new(told, Arc::clone(self))
    }

    /// Keeps a span that ends; `write` appends it to a buffer.
    pub(super) fn take(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let open = !self.closed.load(Ordering::Relaxed);
        if let Some((queue, prefix)) = self.queue.as_ref().filter(|_| open) {
            queue.push(prefix, write);
        }
    }

    /// Begins no more spans, and keeps none.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
