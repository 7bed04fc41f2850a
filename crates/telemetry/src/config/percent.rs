//! Percent-encoding, as resource attributes and headers have it.
//!
//! Source: W3C Baggage, section 3.3.1.3 `value`, which the OpenTelemetry specification names for both; RFC 3986, section 2.1.

/// The text without its escapes. A stray `%` stands for itself; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'%', [high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).map_or(0, |value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_are_decoded_and_everything_else_stays() {
        let table = [
            ("b%20c", "b c"),
            ("%C3%A4", "ä"),
            ("%c3%a4", "ä"),
            ("50%", "50%"),
            ("%2", "%2"),
            ("%+1", "%+1"),
            ("%%41", "%A"),
            ("%FF", "\u{fffd}"),
            ("ä", "ä"),
            ("", ""),
        ];
        for (encoded, expected) in table {
            assert_eq!(decoded(encoded), expected, "{encoded}");
        }
    }
}
