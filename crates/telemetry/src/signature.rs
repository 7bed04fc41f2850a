//! How an answer says which service has made a span of its request, so that the caller can name its peer:
//! `Server: <service.name> (<id of the caller's span>)`.
//!
//! The id is the caller's own, which only who was sent the request knows: the server has read the caller's context, and made a
//! span right below it. Any other server may call itself what it likes.
//!
//! Source: RFC 9110 section 10.2.4, `Server`: a product, and a comment in parentheses.

use bytes::Bytes;
use opentelemetry::SpanId;

use crate::propagation;
use crate::short_bytes;

/// Between the name and the id, and behind the id.
const OPEN: &[u8] = b" (";
const CLOSE: &[u8] = b")";
/// Digits of the id.
const DIGITS: usize = 16;

/// The header's value for an answer to that span's request.
pub(crate) fn of(service_name: &str, caller: SpanId) -> Bytes {
    short_bytes::joined(&[service_name.as_bytes(), OPEN, &propagation::span_id_text(caller), CLOSE])
}

/// Who has signed the answer to a request of this span; `None` where nobody has.
pub(crate) fn signer(value: &[u8], caller: SpanId) -> Option<&str> {
    let signed = value.strip_suffix(CLOSE)?;
    let (name, id) = signed.split_at_checked(signed.len().checked_sub(DIGITS)?)?;
    let name = name.strip_suffix(OPEN).filter(|name| !name.is_empty() && *id == propagation::span_id_text(caller))?;
    std::str::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_the_service_to_the_caller_whose_span_it_has_and_to_nobody_else() {
        let (caller, other) = (SpanId::from(0x00f0_67aa_0ba9_02b7), SpanId::from(1));
        let signature = of("order-service", caller);
        assert_eq!(signature, "order-service (00f067aa0ba902b7)");
        assert_eq!((signer(&signature, caller), signer(&signature, other)), (Some("order-service"), None));
        assert_eq!(signer(&of("name (of it)", caller), caller), Some("name (of it)"));
    }

    #[test]
    fn any_other_server_names_nobody() {
        let caller = SpanId::from(0x00f0_67aa_0ba9_02b7);
        for text in [
            "",
            ")",
            "nginx",
            "nginx/1.22.1 (Debian)",
            "00f067aa0ba902b7)",
            " (00f067aa0ba902b7)",
            "order-service(00f067aa0ba902b7)",
            "order-service (00F067AA0BA902B7)",
            "order-service (00f067aa0ba902b7",
        ] {
            assert_eq!(signer(text.as_bytes(), caller), None, "{text}");
        }
        assert_eq!(signer(b"\xff (00f067aa0ba902b7)", caller), None);
    }
}
