//! `uber-trace-id`, the format of Jaeger's own clients. Their baggage, `uberctx-*`, is left to W3C Baggage.
//!
//! Source: Jaeger documentation, "Client Libraries", section "Propagation Format".

use opentelemetry::{SpanId, TraceFlags, TraceId};

use super::continued::Parent;
use super::field::{Carrier, Field};
use super::hex;

const SAMPLED: u8 = 0x01;
const DEBUG: u8 = 0x02;
/// 32 + `:` + 16 + `:0:` + 2 characters.
const LENGTH: usize = 54;

/// The caller's span: `{trace id}:{span id}:{parent span id}:{flags}`, ids of any length up to 32 and 16 digits. Colons
/// may be percent-encoded.
pub(super) fn read<C: Carrier + ?Sized>(carrier: &C) -> Option<Parent> {
    let mut rest = carrier.value(Field::UberTraceId)?;
    let mut parts: [&[u8]; 4] = [b""; 4];
    let last = parts.len() - 1;
    for part in &mut parts[..last] {
        (*part, rest) = split(rest)?;
    }
    parts[last] = rest;
    let [trace_id, span_id, _ignored, flags] = parts;
    let (trace_id, span_id) = (TraceId::from_bytes(hex::padded(trace_id)?), SpanId::from_bytes(hex::padded(span_id)?));
    let [flags] = hex::padded(flags)?;
    let debug = flags & DEBUG != 0;
    let sampled = TraceFlags::default().with_sampled(debug || flags & SAMPLED != 0);
    Parent::stateless(trace_id, span_id, sampled, debug)
}

fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| matches!(byte, b':' | b'%'))?;
    let (before, rest) = text.split_at(at);
    let rest = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"%3A")).or_else(|| rest.strip_prefix(b"%3a"))?;
    Some((before, rest))
}

/// Writes the header. The parent span's id is obsolete, and zero.
pub(super) fn write(
    trace_id: TraceId,
    span_id: SpanId,
    sampled: bool,
    debug: bool,
    set: &mut impl FnMut(Field, &[u8]),
) {
    let mut text = [b':'; LENGTH];
    hex::write(&trace_id.to_bytes(), &mut text);
    hex::write(&span_id.to_bytes(), &mut text[33..]);
    text[50] = b'0';
    let flags = if debug { SAMPLED | DEBUG } else { u8::from(sampled) };
    hex::write(&[flags], &mut text[52..]);
    set(Field::UberTraceId, &text);
}
