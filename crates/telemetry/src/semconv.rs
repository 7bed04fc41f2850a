//! Names that the conventions give, where more than one module needs them.
//!
//! Source: OpenTelemetry semantic conventions 1.42, HTTP and database spans and metrics (stable).

/// The conventions that names and types follow.
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";

/// The methods that the conventions know: RFC 9110, PATCH (RFC 5789) and QUERY.
pub(crate) const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// A status code as text, without an allocation; `_OTHER` for what is none (RFC 9110 section 15).
pub(crate) fn status_text(status: u16) -> &'static str {
    const FIRST: usize = 100;
    static DIGITS: [u8; 3 * 900] = {
        let mut digits = [0; 3 * 900];
        let mut code = 0;
        while code < 900 {
            digits[3 * code] = b'0' + ((FIRST + code) / 100) as u8;
            digits[3 * code + 1] = b'0' + ((FIRST + code) / 10 % 10) as u8;
            digits[3 * code + 2] = b'0' + ((FIRST + code) % 10) as u8;
            code += 1;
        }
        digits
    };
    let text = usize::from(status).checked_sub(FIRST).and_then(|code| DIGITS.get(3 * code..3 * code + 3));
    text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("_OTHER")
}

#[cfg(test)]
mod tests {
    use super::status_text;

    #[test]
    fn every_status_code_is_its_own_text() {
        for status in 100..1_000 {
            assert_eq!(status_text(status), status.to_string());
        }
        assert_eq!((status_text(0), status_text(99), status_text(1_000)), ("_OTHER", "_OTHER", "_OTHER"));
    }
}
