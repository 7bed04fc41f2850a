//! Keys, values and properties, and the percent-encoding of values.

use std::borrow::Cow;

use super::super::field::trimmed;

/// Whether `key` can be a key: a token (RFC 9110 section 5.6.2).
pub fn is_key(key: &str) -> bool {
    is_token(key.as_bytes())
}

pub(super) fn is_token(text: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(known)
}

/// A value as the application has it; `None` where it has a character that has to be encoded. Octets that are no UTF-8
/// become U+FFFD.
pub(super) fn decoded(value: &[u8]) -> Option<Cow<'_, str>> {
    if !is_value(value) {
        return None;
    }
    if !value.contains(&b'%') {
        return str::from_utf8(value).ok().map(Cow::Borrowed);
    }
    let (mut octets, mut rest) = (Vec::with_capacity(value.len()), value);
    while let [first, after @ ..] = rest {
        if let Some((octet, after)) = escaped(rest) {
            octets.push(octet);
            rest = after;
        } else {
            octets.push(*first);
            rest = after;
        }
    }
    Some(Cow::Owned(String::from_utf8_lossy(&octets).into_owned()))
}

/// Adds a value as it goes into a header: what must be encoded is, and nothing else.
pub(super) fn encode(value: &str, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if is_octet(byte) && byte != b'%' {
            text.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)]));
            text.push('%');
            text.extend(digits);
        }
    }
}

/// The properties that follow a value, without the white space that may stand around them; `None` where one of them is
/// neither a key nor a key with a value.
pub(super) fn properties<'a>(properties: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    let mut text = String::new();
    for property in properties.map(trimmed) {
        if !text.is_empty() {
            text.push(';');
        }
        let (key, value) = match property.iter().position(|byte| *byte == b'=') {
            None => (property, None),
            Some(equals) => (trimmed(&property[..equals]), Some(trimmed(&property[equals + 1..]))),
        };
        if !is_token(key) || !value.is_none_or(is_value) {
            return None;
        }
        text.push_str(str::from_utf8(key).ok()?);
        if let Some(value) = value {
            text.push('=');
            text.push_str(str::from_utf8(value).ok()?);
        }
    }
    Some(text)
}

/// Octets that may stand in a value, each `%` with two hexadecimal digits.
fn is_value(mut value: &[u8]) -> bool {
    while let [first, after @ ..] = value {
        value = match escaped(value) {
            Some((_, after)) => after,
            None if *first != b'%' && is_octet(*first) => after,
            None => return false,
        };
    }
    true
}

/// `baggage-octet`: printable ASCII without blank, `"`, `,`, `;` and `\`.
fn is_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// The octet that `text` begins with as `%` and two digits of either case, and what comes after it.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match text {
        [b'%', high, low, rest @ ..] => Some((digit(*high)? << 4 | digit(*low)?, rest)),
        _ => None,
    }
}
