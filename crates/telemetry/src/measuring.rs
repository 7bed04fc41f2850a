//! What the benchmarks need of a span's life and nobody else does. No part of the public interface.

use std::time::{Duration, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

pub use opentelemetry::trace::{Span, SpanKind, Tracer};
pub use opentelemetry::{Context, KeyValue};
pub use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};

use crate::export::span_data;
use crate::pipeline::Telemetry;

/// The tracer that the middlewares use; `None` when telemetry is disabled.
pub fn tracer(telemetry: &Telemetry) -> Option<SdkTracer> {
    telemetry.tracer().cloned()
}

/// A caller's context, as it comes in with a request.
pub fn remote_parent(sampled: bool) -> Context {
    Context::new().with_remote_span_context(span_context(TraceFlags::NOT_SAMPLED.with_sampled(sampled)))
}

/// A SERVER span with these attributes, as it is given to the exporter.
pub fn finished_span(attributes: Vec<KeyValue>) -> SpanData {
    SpanData {
        span_context: span_context(TraceFlags::SAMPLED),
        parent_span_id: SpanId::from(0x00f0_67aa_0ba9_02b7),
        parent_span_is_remote: true,
        span_kind: SpanKind::Server,
        name: "GET /orders/{id}".into(),
        start_time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        end_time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_002),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder(env!("CARGO_PKG_NAME")).build(),
    }
}

/// Appends a span to `out`, as the exporter does when it ends.
pub fn encode(out: &mut Vec<u8>, span: &SpanData) {
    span_data::append(out, span, None);
}

fn span_context(flags: TraceFlags) -> SpanContext {
    let trace_id = TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    SpanContext::new(trace_id, SpanId::from(0x00f0_67aa_0ba9_02b8), flags, true, TraceState::NONE)
}
