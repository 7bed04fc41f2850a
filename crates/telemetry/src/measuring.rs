//! What benchmarks and tests need of a span's life and nobody else does. No part of the public interface.

use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::SpanData;

pub use opentelemetry::trace::{Span, SpanKind};
pub use opentelemetry::{Context, KeyValue};

use crate::clock::Moment;
use crate::config::{Config, SpanLimits};
use crate::pipeline::Telemetry;
pub use crate::recording::Recording;
use crate::recording::{Draft, Recorder, Start, Told, unix_nanos};
use crate::sampling::Sampler;

/// What a SERVER span says of its request, of ten attributes.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// `http.request.method`, `http.route`, `url.path`, `url.scheme`, `server.address`, `client.address`,
    /// `network.protocol.version` and `user_agent.original`.
    pub texts: [&'a str; 8],
    /// `server.port`.
    pub port: u16,
    /// `http.response.status_code`.
    pub status: u16,
}

/// A caller's context, as it comes in with a request.
pub fn remote_parent(sampled: bool) -> Context {
    let flags = TraceFlags::NOT_SAMPLED.with_sampled(sampled);
    let trace_id = TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    let span = SpanContext::new(trace_id, SpanId::from(0x00f0_67aa_0ba9_02b8), flags, true, TraceState::NONE);
    Context::new().with_remote_span_context(span)
}

/// Begins a span; `None` where it is not sampled, or when telemetry is disabled.
pub fn begin(telemetry: &Telemetry, parent: &Context, name: &'static str, kind: SpanKind) -> Option<Recording> {
    match telemetry.recorder()?.begin(parent, name.into(), kind, || Moment::now().unix_nanos()) {
        Start::Recorded(span) => Some(span),
        Start::LeftOut(_) => None,
    }
}

/// Adds ten attributes as the middlewares do.
pub fn describe(span: &mut Recording, said: &Said<'_>) {
    let [method, route, path, scheme, server, client, version, agent] = said.texts;
    span.text("http.request.method", method);
    span.text("http.route", route);
    span.text("url.path", path);
    span.text("url.scheme", scheme);
    span.text("server.address", server);
    span.number("server.port", said.port);
    span.text("client.address", client);
    span.text("network.protocol.version", version);
    span.text("user_agent.original", agent);
    span.number("http.response.status_code", said.status);
}

/// Writes a span's ten attributes and then the span itself to `out`, into buffers that have been used before: all the encoding
/// that a span takes.
pub fn encode(out: &mut Vec<u8>, span: &mut Recording, said: &Said<'_>) {
    let (draft, limits) = span.open();
    draft.fields.renew(limits);
    describe(span, said);
    append(span, out, 1_700_000_000_000_002_000);
}

/// The SDK's span as a member of `ScopeSpans`, as if it had been recorded here.
pub fn replayed(span: &SpanData, limits: SpanLimits) -> Result<Vec<u8>, Vec<String>> {
    let config = Config::from_lookup("replayed", "1", &|_| None)?;
    let recorder = Arc::new(Recorder::new(Sampler::new(&config), limits, None));
    let mut out = Vec::new();
    let mut replayed = replay(&recorder, span);
    append(&mut replayed, &mut out, unix_nanos(span.end_time));
    Ok(out)
}

fn append(span: &mut Recording, out: &mut Vec<u8>, end_unix_nanos: u64) {
    let (Draft { told, fields, .. }, _) = span.open();
    told.append(fields, out, end_unix_nanos);
}

pub(crate) fn replay(recorder: &Arc<Recorder>, span: &SpanData) -> Recording {
    let mut replayed = recorder.recording(Told {
        context: span.span_context.clone(),
        parent: span.parent_span_id,
        parent_is_remote: span.parent_span_is_remote,
        kind: span.span_kind.clone(),
        name: span.name.clone(),
        start_unix_nanos: unix_nanos(span.start_time),
        status: span.status.clone(),
    });
    replayed.set_attributes(span.attributes.iter().cloned());
    for event in span.events.iter() {
        replayed.add_event_with_timestamp(event.name.clone(), event.timestamp, event.attributes.clone());
    }
    for link in span.links.iter() {
        replayed.add_link(link.span_context.clone(), link.attributes.clone());
    }
    replayed
}
