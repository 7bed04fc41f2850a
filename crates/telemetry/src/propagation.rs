//! W3C Trace Context between processes: read strictly, written without an allocation for the trace's id.
//!
//! Source: W3C Trace Context (Recommendation, level 1, and level 2), sections 3.2 `traceparent` and 3.3 `tracestate`.

use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

/// Name of the header that carries trace id, parent id and flags.
pub const TRACEPARENT: &str = "traceparent";
/// Name of the header that carries vendors' own state.
pub const TRACESTATE: &str = "tracestate";

/// Name of the header with which an instrumented service says in its answer which trace the request belongs to.
pub const TRACE_ID: &str = "x-trace-id";

/// Flags that a sender may set and that are passed on: sampled (level 1) and random trace id (level 2).
const KNOWN_FLAGS: u8 = 0b11;
/// `00-` + 32 + `-` + 16 + `-` + 2 characters.
const TRACEPARENT_LENGTH: usize = 55;

/// The parent that the headers of a request name; `None` where they name none, or break a rule: a new trace begins then.
///
/// `traceparent` are all values of that header: more than one makes the sender's intent unknown, and none of them counts.
pub fn extract<'a>(
    mut traceparent: impl Iterator<Item = &'a [u8]>,
    tracestate: impl Iterator<Item = &'a [u8]>,
) -> Option<SpanContext> {
    let header = traceparent.next()?;
    if traceparent.next().is_some() {
        return None;
    }
    let (trace_id, span_id, flags) = parse_traceparent(header)?;
    Some(SpanContext::new(trace_id, span_id, flags, true, join_tracestate(tracestate)))
}

/// Writes the current span as headers: `set` is called with a name and a value.
pub fn inject(context: &Context, mut set: impl FnMut(&'static str, &str)) {
    let span = context.span();
    let span_context = span.span_context();
    if !span_context.is_valid() {
        return;
    }
    let mut header = [0u8; TRACEPARENT_LENGTH];
    write_traceparent(span_context, &mut header);
    if let Ok(header) = std::str::from_utf8(&header) {
        set(TRACEPARENT, header);
    }
    let state = span_context.trace_state().header();
    if !state.is_empty() {
        set(TRACESTATE, &state);
    }
}

fn parse_traceparent(header: &[u8]) -> Option<(TraceId, SpanId, TraceFlags)> {
    let (version, rest) = (header.get(..2)?, header.get(2..)?);
    let [version] = hex_bytes::<1>(version)?;
    // Version ff is invalid; later versions may have more after another dash, version 00 may not.
    let well_ended = match header.get(TRACEPARENT_LENGTH) {
        None => true,
        Some(b'-') => version != 0,
        Some(_) => false,
    };
    let dashes = rest.first() == Some(&b'-') && header.get(35) == Some(&b'-') && header.get(52) == Some(&b'-');
    if version == 0xff || !well_ended || !dashes {
        return None;
    }
    let trace_id = TraceId::from_bytes(hex_bytes::<16>(header.get(3..35)?)?);
    let span_id = SpanId::from_bytes(hex_bytes::<8>(header.get(36..52)?)?);
    let [flags] = hex_bytes::<1>(header.get(53..55)?)?;
    if trace_id == TraceId::INVALID || span_id == SpanId::INVALID {
        return None;
    }
    Some((trace_id, span_id, TraceFlags::new(flags & KNOWN_FLAGS)))
}

/// Exactly `N` bytes from lower-case hex digits; upper case is not allowed in any field.
fn hex_bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    fn digit(byte: u8) -> Option<u8> {
        match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        }
    }
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// A `tracestate` that breaks a rule is left out as a whole; the trace goes on without it (section 3.3.1).
fn join_tracestate<'a>(values: impl Iterator<Item = &'a [u8]>) -> TraceState {
    let mut joined = String::new();
    for value in values {
        let Ok(value) = std::str::from_utf8(value) else { return TraceState::NONE };
        for member in
            value.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty())
        {
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(member);
        }
    }
    if joined.is_empty() { TraceState::NONE } else { TraceState::from_str(&joined).unwrap_or(TraceState::NONE) }
}

fn write_traceparent(span_context: &SpanContext, header: &mut [u8; TRACEPARENT_LENGTH]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut at = 0;
    let mut put = |bytes: &[u8], dash: bool| {
        for byte in bytes {
            header[at] = DIGITS[usize::from(byte >> 4)];
            header[at + 1] = DIGITS[usize::from(byte & 0xf)];
            at += 2;
        }
        if dash {
            header[at] = b'-';
            at += 1;
        }
    };
    put(&[0], true);
    put(&span_context.trace_id().to_bytes(), true);
    put(&span_context.span_id().to_bytes(), true);
    put(&[span_context.trace_flags().to_u8() & KNOWN_FLAGS], false);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn parent(traceparent: &[&str], tracestate: &[&str]) -> Option<SpanContext> {
        extract(traceparent.iter().map(|value| value.as_bytes()), tracestate.iter().map(|value| value.as_bytes()))
    }

    #[test]
    fn a_valid_header_names_its_parent() {
        let parent = parent(&[&format!("00-{TRACE}-{SPAN}-01")], &["a=1", " ,b=2 "]).expect("valid");
        assert_eq!(parent.trace_id().to_string(), TRACE);
        assert_eq!(parent.span_id().to_string(), SPAN);
        assert!(parent.is_sampled() && parent.is_remote());
        assert_eq!(parent.trace_state().header(), "a=1,b=2");
    }

    #[test]
    fn what_breaks_a_rule_starts_a_new_trace() {
        let broken = [
            String::new(),
            "00".to_owned(),
            "00-1-1-01".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01-extra"),
            format!("00-{TRACE}-{SPAN}-0x"),
            format!("00-{TRACE}-{SPAN}-+1"),
            format!("00_{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("01-{TRACE}-{SPAN}-01x"),
        ];
        for header in broken {
            assert!(parent(&[&header], &[]).is_none(), "{header:?} was taken");
        }
        let valid = format!("00-{TRACE}-{SPAN}-01");
        assert!(parent(&[&valid, &valid], &[]).is_none(), "two headers were taken");
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for header in [format!("01-{TRACE}-{SPAN}-01"), format!("cc-{TRACE}-{SPAN}-01-what-comes-later")] {
            assert!(parent(&[&header], &[]).is_some_and(|parent| parent.is_sampled()), "{header:?} was refused");
        }
    }

    #[test]
    fn a_broken_tracestate_is_left_out_and_the_trace_goes_on() {
        let parent = parent(&[&format!("00-{TRACE}-{SPAN}-00")], &["A=1"]).expect("the trace goes on");
        assert_eq!(parent.trace_state().header(), "");
        assert!(!parent.is_sampled());
    }

    #[test]
    fn what_is_injected_is_what_was_extracted() {
        let header = format!("00-{TRACE}-{SPAN}-01");
        let context = Context::new().with_remote_span_context(parent(&[&header], &["a=1"]).expect("valid"));
        let mut headers = Vec::new();
        inject(&context, |name, value| headers.push((name, value.to_owned())));
        assert_eq!(headers, [(TRACEPARENT, header), (TRACESTATE, "a=1".to_owned())]);
    }
}
