//! Trace and span ids: sixteen and eight bytes, hexadecimal outside.

use std::fmt;
use std::str::FromStr;

/// A W3C trace id: 16 bytes, of which at least one is not zero when it is valid.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub [u8; 16]);

/// A W3C span id: 8 bytes, of which at least one is not zero when it is valid.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub [u8; 8]);

/// Text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text has too many or too few digits.
    #[error("an id of at most {expected} hexadecimal digits was expected, not of {found} characters")]
    Length {
        /// How many digits a whole id has.
        expected: usize,
        /// How many characters there were.
        found: usize,
    },
    /// A character is no hexadecimal digit.
    #[error("an id has hexadecimal digits only")]
    Digit,
}

impl TraceId {
    /// Whether at least one byte is not zero, as W3C Trace Context asks.
    pub fn is_valid(&self) -> bool {
        self.0 != [0; 16]
    }

    /// The id in these bytes, if there are exactly sixteen.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl SpanId {
    /// Whether at least one byte is not zero, as W3C Trace Context asks.
    pub fn is_valid(&self) -> bool {
        self.0 != [0; 8]
    }

    /// The id in these bytes, if there are exactly eight.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl FromStr for TraceId {
    type Err = ParseIdError;

    /// Reads up to 32 digits of either case. Shorter ids are padded on the left,
    /// because several tools print ids without their leading zeros.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text, 1).map(Self)
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    /// Reads exactly 16 digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text, 16).map(Self)
    }
}

fn parse<const N: usize>(text: &str, min_digits: usize) -> Result<[u8; N], ParseIdError> {
    let expected = 2 * N;
    if text.len() < min_digits || text.len() > expected {
        let found = text.chars().count();
        return Err(ParseIdError::Length { expected, found });
    }
    let mut bytes = [0; N];
    for (position, digit) in text.bytes().rev().enumerate() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return Err(ParseIdError::Digit),
        };
        bytes[N - 1 - position / 2] |= value << (4 * (position % 2));
    }
    Ok(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    f.pad(std::str::from_utf8(&text[..2 * bytes.len()]).unwrap_or_default())
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}
