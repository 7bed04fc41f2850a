//! `name=value,name=value` with percent-encoded values, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS are.
//! Source: OpenTelemetry specification, resource SDK; W3C Baggage.

/// The pairs in order; none when a member has no name or no `=`.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(pair).collect()
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    (!name.is_empty()).then(|| (decode(name), decode(value.trim())))
}

/// A `%` that begins no escape stands for itself, as it does for the services: one environment is for all of them.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'%' { after.split_at_checked(2) } else { None };
        let (byte, left) =
            escaped.and_then(|(digits, left)| Some((hexadecimal(digits)?, left))).unwrap_or((first, after));
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    digits.iter().try_fold(0, |value, byte| Some(value * 16 + digit(byte)?)).and_then(|value| value.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_nonsense_is_not_taken() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("a=1, b = x%20y%2C,,"), Some(vec![pair("a", "1"), pair("b", "x y,")]));
        assert_eq!(pairs(""), Some(vec![]));
        for wrong in ["a", "=1", "a=1,b"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_stray_percent_sign_stands_for_itself() {
        for (text, value) in [("50%", "50%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A"), ("%ff", "\u{fffd}")] {
            assert_eq!(pairs(&format!("a={text}")), Some(vec![("a".to_owned(), value.to_owned())]), "{text}");
        }
    }
}
