//! B3, the format of Zipkin: one header, or several.
//!
//! Source: openzipkin/b3-propagation, and OpenTelemetry specification, "Propagators API", section "B3 Requirements".

use opentelemetry::{SpanId, TraceFlags, TraceId};

use super::continued::Parent;
use super::field::{Carrier, Field};
use super::hex;

/// 32 + `-` + 16 + `-` + 1 characters.
const LENGTH: usize = 51;

/// The caller's span, from the single header or, where that names none, from the several ones.
pub(super) fn read<C: Carrier + ?Sized>(carrier: &C) -> Option<Parent> {
    single(carrier).or_else(|| multi(carrier))
}

/// `{trace id}-{span id}[-{sampling state}[-{parent span id}]]`. A sampling state alone names no span.
fn single<C: Carrier + ?Sized>(carrier: &C) -> Option<Parent> {
    let mut parts = carrier.value(Field::B3)?.split(|byte| *byte == b'-');
    let (trace_id, span_id) = (parts.next()?, parts.next()?);
    let state = parts.next().map_or(Some(Sampling::Deferred), Sampling::of_single)?;
    let grandparent = parts.next().is_none_or(|id| hex::bytes::<8>(id).is_some());
    let ended = parts.next().is_none();
    if grandparent && ended { parent(trace_id, span_id, state) } else { None }
}

fn multi<C: Carrier + ?Sized>(carrier: &C) -> Option<Parent> {
    let (trace_id, span_id) = (carrier.value(Field::B3TraceId)?, carrier.value(Field::B3SpanId)?);
    let state = match (carrier.value(Field::B3Flags), carrier.value(Field::B3Sampled)) {
        (Some(b"1"), _) => Sampling::Debug,
        // Senders from before the specification wrote it out.
        (_, Some(b"1" | b"true")) => Sampling::Accepted,
        (_, Some(b"0" | b"false")) => Sampling::Denied,
        (_, None) => Sampling::Deferred,
        _ => return None,
    };
    parent(trace_id, span_id, state)
}

#[derive(Clone, Copy, PartialEq)]
enum Sampling {
    Denied,
    Accepted,
    Debug,
    /// The sender leaves it to the receiver. A span context cannot say that, and counts as not sampled.
    Deferred,
}

impl Sampling {
    fn of_single(state: &[u8]) -> Option<Self> {
        match state {
            b"0" => Some(Self::Denied),
            b"1" => Some(Self::Accepted),
            b"d" => Some(Self::Debug),
            _ => None,
        }
    }
}

fn parent(trace_id: &[u8], span_id: &[u8], sampling: Sampling) -> Option<Parent> {
    // Ids of 64 bits are older; zeros stand before them.
    let trace_id = if trace_id.len() == 16 { hex::padded(trace_id) } else { hex::bytes(trace_id) };
    let (trace_id, span_id) = (TraceId::from_bytes(trace_id?), SpanId::from_bytes(hex::bytes(span_id)?));
    let debug = sampling == Sampling::Debug;
    let flags = TraceFlags::default().with_sampled(debug || sampling == Sampling::Accepted);
    Parent::stateless(trace_id, span_id, flags, debug)
}

/// Writes the single header.
pub(super) fn write_single(
    trace_id: TraceId,
    span_id: SpanId,
    sampled: bool,
    debug: bool,
    set: &mut impl FnMut(Field, &[u8]),
) {
    let mut text = [b'-'; LENGTH];
    hex::write(&trace_id.to_bytes(), &mut text);
    hex::write(&span_id.to_bytes(), &mut text[33..]);
    text[LENGTH - 1] = match (debug, sampled) {
        (true, _) => b'd',
        (false, true) => b'1',
        (false, false) => b'0',
    };
    set(Field::B3, &text);
}

/// Writes the several headers. With the debug flag, which says more, the sampling state is left out.
pub(super) fn write_multi(
    trace_id: TraceId,
    span_id: SpanId,
    sampled: bool,
    debug: bool,
    set: &mut impl FnMut(Field, &[u8]),
) {
    let mut text = [0; 32];
    hex::write(&trace_id.to_bytes(), &mut text);
    set(Field::B3TraceId, &text);
    let mut text = [0; 16];
    hex::write(&span_id.to_bytes(), &mut text);
    set(Field::B3SpanId, &text);
    if debug {
        set(Field::B3Flags, b"1");
    } else {
        set(Field::B3Sampled, if sampled { b"1" } else { b"0" });
    }
}
