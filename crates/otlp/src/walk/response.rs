//! `ExportTraceServiceResponse`: what a receiver says of a request that it took.

use super::wire::Fields;
use super::{DecodeError, Fault};

/// Spans that were not taken out of a request that was (OTLP specification, "Partial Success").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartialSuccess<'a> {
    /// How many.
    pub rejected_spans: u64,
    /// Why, in the receiver's words.
    pub error_message: &'a str,
}

/// What a response rejects; nothing where it has no `partial_success`.
pub fn partial_success(response: &[u8]) -> Result<PartialSuccess<'_>, DecodeError> {
    const FIELD: &str = "ExportTraceServiceResponse.partial_success";
    let at = |fault: Fault| fault.at(FIELD);
    let mut partial = PartialSuccess::default();
    let mut fields = Fields::new(response);
    while let Some((number, wire)) = fields.next().map_err(at)? {
        if number != 1 {
            continue;
        }
        let mut inner = Fields::new(wire.bytes(FIELD)?);
        while let Some((number, wire)) = inner.next().map_err(at)? {
            match number {
                1 => partial.rejected_spans = wire.varint(FIELD)?,
                2 => partial.error_message = wire.text(FIELD)?,
                _ => {}
            }
        }
    }
    Ok(partial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_success_is_read_and_nothing_breaks_on_garbage() {
        assert_eq!(partial_success(b""), Ok(PartialSuccess::default()));
        let some = PartialSuccess { rejected_spans: 300, error_message: "why" };
        assert_eq!(partial_success(b"\x0a\x08\x08\xac\x02\x12\x03why"), Ok(some));
        assert_eq!(partial_success(b"\x0a\x00"), Ok(PartialSuccess::default()));
        for garbage in [&b"\x0a\x7f"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"{}", b"\x0a\x02\x08"] {
            assert!(partial_success(garbage).is_err());
        }
    }
}
