//! What gRPC adds to HTTP/2: five bytes in front of a message, and a status behind the answer.
//!
//! Source: gRPC over HTTP/2, "Requests" and "Responses"; OTLP specification, "OTLP/gRPC Response"; gRFC A6, "Pushback".

use std::borrow::Cow;
use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use http::response::Parts;
use http::{HeaderMap, HeaderValue};

use super::ANSWER_BYTES;
use super::answer::{self, Accepted, partial_success};
use crate::export::failure::{Again, Failure};

/// Bytes in front of a message: whether it is compressed, and its length.
const FRAME_BYTES: usize = 5;
/// The status names by their numbers.
const STATUS_NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Binary metadata comes with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What stands in front of a message of so many bytes.
pub(super) fn frame(message_bytes: usize, compressed: bool) -> [u8; FRAME_BYTES] {
    let [a, b, c, d] = (message_bytes as u32).to_be_bytes();
    [u8::from(compressed), a, b, c, d]
}

/// `trailers` has the status, or the head where there is nothing but a status.
pub(super) fn answer(head: &Parts, trailers: &HeaderMap, body: &[u8]) -> Result<Accepted, Failure> {
    let said = |name| {
        let value: Option<&HeaderValue> = trailers.get(name).or_else(|| head.headers.get(name));
        value.and_then(|value| value.to_str().ok())
    };
    let Some(status) = said("grpc-status").and_then(|status| status.parse::<usize>().ok()) else {
        // Nobody of gRPC has answered, but somebody on the way.
        let again = answer::again(head);
        let reason = format!("the receiver answered HTTP {} without a gRPC status", head.status);
        return Err(Failure::refused(head.status.as_u16().to_string(), reason, again));
    };
    if status == 0 {
        return partial_success(&message(head, body)?);
    }
    let name = STATUS_NAMES.get(status).copied().unwrap_or("UNKNOWN");
    let message = said("grpc-message").unwrap_or_default();
    let again = match said("grpc-retry-pushback-ms").map(str::parse) {
        // What is no time to wait, such as -1, asks not to be asked again (gRFC A6): by this attempt. That the batch was refused
        // for good it does not say.
        Some(Err(_)) if again(name, None) != Again::Never => Again::NotNow,
        Some(Err(_)) => Again::Never,
        Some(Ok(millis)) => again(name, Some(Duration::from_millis(millis))),
        None => again(name, said("grpc-status-details-bin").and_then(retry_delay)),
    };
    Err(Failure::refused(name, format!("the receiver answered {name} {message}"), again))
}

/// The message of an answer, and nothing where it has none. Servers compress it as the request was, as grpc-go's do.
fn message<'b>(head: &Parts, body: &'b [u8]) -> Result<Cow<'b, [u8]>, Failure> {
    let Some((&[compressed, a, b, c, d], rest)) = body.split_first_chunk::<FRAME_BYTES>() else {
        return if body.is_empty() { Ok(Cow::default()) } else { Err(bad("the answer broke off in its frame")) };
    };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    let bytes = rest.get(..length).ok_or_else(|| bad("the answer is shorter than its frame says"))?;
    let encoding = head.headers.get("grpc-encoding").map(HeaderValue::as_bytes);
    match (compressed, encoding) {
        (0, _) | (1, Some(b"identity")) => Ok(bytes.into()),
        (1, Some(b"gzip")) => {
            let mut message = Vec::new();
            let read = MultiGzDecoder::new(bytes).take(ANSWER_BYTES as u64 + 1).read_to_end(&mut message);
            match read {
                Ok(read) if read <= ANSWER_BYTES => Ok(message.into()),
                Ok(_) => Err(bad("the answer is too long")),
                Err(error) => Err(Failure::bad_answer(format!("the answer is no gzip: {error}"))),
            }
        }
        _ => Err(bad("the answer is compressed in a way that was not asked for")),
    }
}

fn bad(reason: &str) -> Failure {
    Failure::bad_answer(reason.to_owned())
}

fn retry_delay(details: &str) -> Option<Duration> {
    otlp::walk::retry_delay(&BASE64.decode(details).ok()?)
}

/// Which statuses may pass. A receiver that is exhausted has to say that it will recover, and when.
fn again(name: &str, wish: Option<Duration>) -> Again {
    match (name, wish) {
        ("CANCELLED" | "DEADLINE_EXCEEDED" | "ABORTED" | "OUT_OF_RANGE" | "UNAVAILABLE" | "DATA_LOSS", None) => {
            Again::Later
        }
        (
            "CANCELLED" | "DEADLINE_EXCEEDED" | "ABORTED" | "OUT_OF_RANGE" | "UNAVAILABLE" | "DATA_LOSS"
            | "RESOURCE_EXHAUSTED",
            Some(wish),
        ) => Again::after(wish),
        _ => Again::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(trailers: &[(&'static str, &str)], body: &[u8]) -> Result<Accepted, Failure> {
        let head = http::Response::new(()).into_parts().0;
        let trailers = trailers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).expect("a value"))
        });
        answer(&head, &trailers.collect(), body)
    }

    #[test]
    fn a_status_behind_the_answer_is_what_counts() {
        assert_eq!(said(&[("grpc-status", "0")], b"\0\0\0\0\0").expect("taken"), Accepted::default());
        let partial = said(&[("grpc-status", "0")], b"\0\0\0\0\x04\x0a\x02\x08\x07").expect("some taken");
        assert_eq!(partial.rejected, 7);
        let failure = said(&[("grpc-status", "14")], b"").expect_err("unavailable");
        assert_eq!((failure.error_type.as_ref(), failure.again), ("UNAVAILABLE", Again::Later));
        let failure = said(&[("grpc-status", "3")], b"").expect_err("invalid");
        assert_eq!((failure.error_type.as_ref(), failure.again), ("INVALID_ARGUMENT", Again::Never));
        assert_eq!(said(&[], b"").expect_err("no status").error_type, "200");
    }

    #[test]
    fn a_message_is_read_as_it_was_compressed_and_one_that_cannot_be_read_says_so() {
        let coded = |encoding: Option<&'static str>, body: &[u8]| {
            let mut head = http::Response::new(()).into_parts().0;
            head.headers
                .extend(encoding.map(|name| {
                    (http::HeaderName::from_static("grpc-encoding"), http::HeaderValue::from_static(name))
                }));
            let trailers = [(http::HeaderName::from_static("grpc-status"), http::HeaderValue::from_static("0"))];
            answer(&head, &trailers.into_iter().collect(), body)
        };
        let zipped = |message: &[u8]| {
            let mut zipped = Vec::new();
            let mut encoder = flate2::read::GzEncoder::new(message, flate2::Compression::fast());
            encoder.read_to_end(&mut zipped).expect("it is in memory");
            [frame(zipped.len(), true).as_slice(), &zipped].concat()
        };
        let none = coded(Some("gzip"), &zipped(b"")).expect("all taken");
        assert_eq!(none, Accepted::default());
        assert_eq!(coded(Some("gzip"), &zipped(b"\x0a\x02\x08\x07")).expect("some taken").rejected, 7);
        assert_eq!(coded(Some("gzip"), b"\0\0\0\0\x04\x0a\x02\x08\x07").expect("not compressed").rejected, 7);
        assert_eq!(coded(None, b"").expect("no message"), Accepted::default());
        let bomb = zipped(&vec![0; ANSWER_BYTES + 1]);
        let (whole, cut) = (zipped(b"\x0a\x02\x08\x07"), zipped(b"\x0a\x02\x08\x07").len() - 1);
        for (encoding, body) in [
            (Some("gzip"), bomb.as_slice()),
            (Some("gzip"), &whole[..cut]),
            (Some("gzip"), b"\x01\0\0\0\x02\x0a\x02"),
            (Some("br"), whole.as_slice()),
            (None, whole.as_slice()),
            (None, b"\x02\0\0\0\0"),
            (None, b"\0\0\0"),
            (None, b"\0\0\0\0\x04\x0a\x02\x08"),
        ] {
            assert_eq!(coded(encoding, body).expect_err("it cannot be read").error_type, "bad_answer");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_server_sends_as_its_message_is_read_or_refused(
            compressed in 0_u8..3,
            length in 0_u32..40,
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40),
        ) {
            let mut head = http::Response::new(()).into_parts().0;
            head.headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
            let body = [&[compressed][..], &length.to_be_bytes(), &bytes].concat();
            let whole = compressed == 0 && length as usize <= bytes.len();
            let read = message(&head, &body);
            proptest::prop_assert!(!whole || read.is_ok_and(|read| *read == bytes[..length as usize]));
        }
    }

    #[test]
    fn an_exhausted_receiver_is_asked_again_only_where_it_says_so() {
        assert_eq!(said(&[("grpc-status", "8")], b"").expect_err("exhausted").again, Again::Never);
        let pushed = said(&[("grpc-status", "8"), ("grpc-retry-pushback-ms", "300")], b"").expect_err("exhausted");
        assert_eq!(pushed.again, Again::After(Duration::from_millis(300)));
    }

    #[test]
    fn a_receiver_that_pushes_back_without_a_time_is_not_asked_again() {
        for none in ["-1", "-9223372036854775808", "", "soon", "1.5"] {
            for (status, again) in [("14", Again::NotNow), ("8", Again::Never), ("3", Again::Never)] {
                let pushed = said(&[("grpc-status", status), ("grpc-retry-pushback-ms", none)], b"");
                assert_eq!(pushed.expect_err("it did not take it").again, again, "{none}");
            }
        }
        let at_once = said(&[("grpc-status", "14"), ("grpc-retry-pushback-ms", "0")], b"").expect_err("unavailable");
        assert_eq!(at_once.again, Again::Later);
    }

    #[test]
    fn an_answer_without_a_grpc_status_is_taken_as_one_over_http() {
        let said = |status: u16, after: &str| {
            let head = http::Response::builder().status(status).header("retry-after", after).body(());
            let head = head.expect("a response").into_parts().0;
            answer(&head, &HeaderMap::new(), b"").expect_err("no status").again
        };
        assert_eq!(said(503, "7"), Again::After(Duration::from_secs(7)));
        assert_eq!((said(503, "0"), said(502, "soon"), said(404, "7")), (Again::Later, Again::Later, Again::Never));
    }

    #[test]
    fn a_frame_says_how_long_the_message_is() {
        assert_eq!(frame(300, true), [1, 0, 0, 1, 44]);
        assert_eq!(frame(0, false), [0; 5]);
    }
}
