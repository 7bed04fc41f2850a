//! Ids and their hexadecimal form.

use otlp::id::ParseIdError;
use otlp::{SpanId, TraceId};

#[test]
fn a_trace_id_is_printed_in_lower_case_and_read_in_either() {
    let id: TraceId = "0AF7651916CD43DD8448EB211C80319C".parse().unwrap();
    assert_eq!(id.to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(format!("{id:?}"), "TraceId(0af7651916cd43dd8448eb211c80319c)");
}

#[test]
fn a_short_trace_id_is_padded_on_the_left() {
    let id: TraceId = "abc".parse().unwrap();
    assert_eq!(id.to_string(), "00000000000000000000000000000abc");
}

#[test]
fn a_span_id_has_sixteen_digits() {
    let id: SpanId = "00f067aa0ba902b7".parse().unwrap();
    assert_eq!(id, SpanId([0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]));
    assert_eq!("f067aa0ba902b7".parse::<SpanId>(), Err(ParseIdError::Length { expected: 16, found: 14 }));
}

#[test]
fn what_is_no_id_is_refused() {
    assert_eq!("".parse::<TraceId>(), Err(ParseIdError::Length { expected: 32, found: 0 }));
    assert!("0af7651916cd43dd8448eb211c80319c0".parse::<TraceId>().is_err());
    assert_eq!("xyz".parse::<TraceId>(), Err(ParseIdError::Digit));
    assert_eq!("ä".parse::<TraceId>(), Err(ParseIdError::Digit));
}

#[test]
fn zero_ids_are_invalid() {
    assert!(!TraceId::default().is_valid());
    assert!(!SpanId::default().is_valid());
    assert!("1".parse::<TraceId>().unwrap().is_valid());
    assert!(SpanId([0, 0, 0, 0, 0, 0, 0, 1]).is_valid());
}
