//! `google.rpc.Status` with a `google.rpc.RetryInfo`: when a receiver that is overloaded wants to be asked again.
//!
//! Source: OTLP specification 1.7, "OTLP/gRPC Throttling"; googleapis, `google/rpc/status.proto` and `error_details.proto`.

use std::time::Duration;

use super::Fault;
use super::wire::{Fields, Wire};

/// How a `google.protobuf.Any` says that a `RetryInfo` is in it, behind the host of its type's URL.
const RETRY_INFO: &[u8] = b"/google.rpc.RetryInfo";

/// The delay that the first `RetryInfo` of a status asks for; `None` where it has none, or cannot be read.
pub fn retry_delay(status: &[u8]) -> Option<Duration> {
    let detail = |any| {
        let is_retry_info = field(any, 1).ok()?.is_some_and(|url| url.ends_with(RETRY_INFO));
        // Without a value the message is there, and has no delay.
        is_retry_info.then(|| field(any, 2).map(Option::unwrap_or_default)).and_then(Result::ok)
    };
    let mut fields = Fields::new(status);
    while let Some((number, wire)) = fields.next().ok()? {
        if let (3, Wire::Bytes(any)) = (number, wire)
            && let Some(info) = detail(any)
        {
            return duration(field(info, 1).ok()?.unwrap_or_default());
        }
    }
    None
}

fn field(message: &[u8], wanted: u32) -> Result<Option<&[u8]>, Fault> {
    let mut fields = Fields::new(message);
    let mut last = None;
    while let Some((number, wire)) = fields.next()? {
        if let (true, Wire::Bytes(bytes)) = (number == wanted, wire) {
            last = Some(bytes);
        }
    }
    Ok(last)
}

/// `google.protobuf.Duration`; one below zero is none at all.
fn duration(message: &[u8]) -> Option<Duration> {
    let (mut seconds, mut nanos) = (0_i64, 0_i64);
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next().ok()? {
        match (number, wire) {
            (1, Wire::Varint(value)) => seconds = value as i64,
            (2, Wire::Varint(value)) => nanos = value as i64,
            _ => {}
        }
    }
    let (seconds, nanos) = (u64::try_from(seconds).unwrap_or(0), u32::try_from(nanos).unwrap_or(0));
    Some(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    fn status(type_url: &str, delay: Option<(u64, u64)>) -> Vec<u8> {
        let mut out = Vec::new();
        field::uint(&mut out, 1, 8);
        field::message(&mut out, 3, |any| {
            field::text(any, 1, type_url);
            if let Some((seconds, nanos)) = delay {
                field::message(any, 2, |info| {
                    field::message(info, 1, |duration| {
                        field::uint(duration, 1, seconds);
                        field::uint(duration, 2, nanos);
                    });
                });
            }
        });
        out
    }

    #[test]
    fn a_delay_is_read_wherever_it_stands_and_nothing_breaks_on_garbage() {
        let url = "type.googleapis.com/google.rpc.RetryInfo";
        let second =
            [status("type.googleapis.com/google.rpc.Help", None), status(url, Some((2, 500_000_000)))].concat();
        assert_eq!(retry_delay(&second), Some(Duration::from_millis(2_500)));
        assert_eq!(retry_delay(&status(url, None)), Some(Duration::ZERO));
        assert_eq!(retry_delay(&status(url, Some((u64::MAX, 1)))), Some(Duration::from_nanos(1)), "below zero");
        for none in [&b""[..], b"\x1a\x7f", b"\xff", &status("other", Some((1, 0)))] {
            assert_eq!(retry_delay(none), None);
        }
    }
}
