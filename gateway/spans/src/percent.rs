//! `name=value,name=value` with percent-encoded values, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS are.
//! Source: OpenTelemetry specification, resource SDK; W3C Baggage.

/// The pairs in order; none when the text is anything else.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(pair).collect()
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let name = decode(name.trim())?;
    (!name.is_empty()).then_some((name, decode(value.trim())?))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hexadecimal = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        bytes.push(if byte == b'%' { hexadecimal(rest.next()?)? * 16 + hexadecimal(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_nonsense_is_not_taken() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("a=1, b = x%20y%2C,,"), Some(vec![pair("a", "1"), pair("b", "x y,")]));
        assert_eq!(pairs(""), Some(vec![]));
        for wrong in ["a", "=1", "a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }
}
