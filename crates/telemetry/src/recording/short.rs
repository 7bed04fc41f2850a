//! Short attributes, written in place.
//!
//! All lengths are known before, and each takes one byte: so there is one look at the room for all the pieces of an attribute,
//! and what stands between key and value is stored four bytes at once.

use otlp::encode::Value;

use super::buffer::Buffer;

/// Key and value up to this length, together, take one byte for each of the lengths around them.
const SHORT_BYTES: usize = 116;
/// The tags and lengths of the attribute and of its key.
const BEFORE_KEY: usize = 4;
/// Those of the value, and its first byte: the length of a text, or of a number what comes first.
const BEFORE_VALUE: usize = 4;

/// The tag of an attribute in a span: field 9, with a length.
pub(super) const ATTRIBUTE: u8 = 9 << 3 | 2;
/// The tag of the key in an attribute, and of its value.
pub(super) const KEY: u8 = 1 << 3 | 2;
const VALUE: u8 = 2 << 3 | 2;
/// The tags of what a value may be: a text, a whole number, and a number of eight bytes.
const TEXT: u8 = 1 << 3 | 2;
const INT: u8 = 3 << 3;
const DOUBLE: u8 = 4 << 3 | 1;

/// Appends a text; `None` where it is not short.
#[inline(always)]
pub(super) fn text(out: &mut Buffer, key: &str, text: &str) -> Option<()> {
    let (text, at) = (text.as_bytes(), BEFORE_KEY + key.len() + BEFORE_VALUE);
    fits(key, text.len())?;
    let place = out.place(at + text.len(), 0)?;
    let value = begin(place, key, text.len() as u32 + 2, [TEXT, text.len() as u8])?;
    copy(value, text)
}

/// Appends a whole number, as [`text`] does a text.
#[inline(always)]
pub(super) fn number(out: &mut Buffer, key: &str, number: u16) -> Option<()> {
    fits(key, 3)?;
    // Base 128, lowest first; the upper bit says that there is more.
    let more = [u8::from(number >= 0x80), u8::from(number >= 0x4000)];
    let digits = [number as u8 & 0x7f | more[0] << 7, (number >> 7) as u8 & 0x7f | more[1] << 7, (number >> 14) as u8];
    let spare = 2 - u32::from(more[0]) - u32::from(more[1]);
    // All of them are written, whether they count or not.
    let place = out.place(BEFORE_KEY + key.len() + BEFORE_VALUE + 2, spare)?;
    let rest = begin(place, key, 4 - spare, [INT, digits[0]])?;
    *rest.first_chunk_mut()? = [digits[1], digits[2]];
    Some(())
}

/// Appends a number of eight bytes, as [`text`] does a text.
#[inline(always)]
pub(super) fn double(out: &mut Buffer, key: &str, number: f64) -> Option<()> {
    let [first, others @ ..] = number.to_le_bytes();
    fits(key, 1 + others.len())?;
    let place = out.place(BEFORE_KEY + key.len() + BEFORE_VALUE + others.len(), 0)?;
    let rest = begin(place, key, 9, [DOUBLE, first])?;
    *rest.first_chunk_mut()? = others;
    Some(())
}

/// Appends any of these, as [`text`] does a text; `None` for what is of another kind as well.
pub(super) fn value(out: &mut Buffer, key: &str, value: Value<'_>) -> Option<()> {
    match value {
        Value::Str(value) => text(out, key, value),
        Value::Int(value) => number(out, key, value.try_into().ok()?),
        Value::Double(value) => double(out, key, value),
        _ => None,
    }
}

/// `None` where the key leaves no room for such a value. Mostly the key is known where this is compiled.
#[inline(always)]
fn fits(key: &str, value_bytes: usize) -> Option<()> {
    (value_bytes <= SHORT_BYTES.checked_sub(key.len())?).then_some(())
}

/// All of a short attribute but the end of its value, whose place is returned. `value_bytes` is the length of the `AnyValue`;
/// `value` the tag of its member, and the first byte of that.
#[inline(always)]
fn begin<'p>(place: &'p mut [u8], key: &str, value_bytes: u32, [tag, first]: [u8; 2]) -> Option<&'p mut [u8]> {
    let (before_key, rest) = place.split_first_chunk_mut::<BEFORE_KEY>()?;
    let (key_place, rest) = rest.split_at_mut_checked(key.len())?;
    let (before_value, rest) = rest.split_first_chunk_mut::<BEFORE_VALUE>()?;
    // Two bytes around the key, two around the value. Sums, which are stored at once: bytes are stored one by one.
    let key_bytes = key.len() as u8;
    let before = u32::from_le_bytes([ATTRIBUTE, key_bytes + 4, KEY, key_bytes]) + (value_bytes << 8);
    *before_key = before.to_le_bytes();
    key_place.copy_from_slice(key.as_bytes());
    let before = u32::from_le_bytes([VALUE, 0, tag, 0]) + (value_bytes << 8) + (u32::from(first) << 24);
    *before_value = before.to_le_bytes();
    Some(rest)
}

/// Copies a text to where it fits exactly. Up to 32 bytes by its two ends, which may overlap: calling `memcpy` costs more than
/// such a copy.
#[inline(always)]
fn copy(to: &mut [u8], text: &[u8]) -> Option<()> {
    match text.len() {
        8.. => match text.len() {
            8..=16 => ends::<8>(to, text),
            17..=32 => ends::<16>(to, text),
            _ => {
                to.copy_from_slice(text);
                Some(())
            }
        },
        4.. => ends::<4>(to, text),
        2.. => ends::<2>(to, text),
        1 => ends::<1>(to, text),
        0 => Some(()),
    }
}

/// Copies the first `N` bytes and the last.
#[inline(always)]
fn ends<const N: usize>(to: &mut [u8], text: &[u8]) -> Option<()> {
    *to.first_chunk_mut::<N>()? = *text.first_chunk()?;
    *to.last_chunk_mut::<N>()? = *text.last_chunk()?;
    Some(())
}

#[cfg(test)]
mod tests {
    use otlp::encode::{AttributeWriter, Value};

    use super::super::Fields;
    use crate::config::SpanLimits;

    const LONG: &str = match str::from_utf8(&[b'k'; 300]) {
        Ok(key) => key,
        Err(_) => "",
    };
    const KEYS: [&str; 5] = ["", "url.path", LONG.split_at(60).0, LONG.split_at(110).0, LONG];

    /// These values, each with every key: written by [`Fields`], and as any attribute is written.
    fn written(limits: &SpanLimits, values: &[Value<'_>]) -> (Vec<u8>, Vec<u8>) {
        let (mut fields, mut expected) = (Fields::new(limits), Vec::new());
        for (value, key) in values.iter().flat_map(|value| KEYS.map(|key| (*value, key))) {
            match value {
                Value::Str(text) => fields.text(limits, key, text),
                Value::Int(number) => fields.number(limits, key, number.try_into().expect("it is of 16 bits")),
                Value::Double(number) => fields.seconds(limits, key, number),
                value => panic!("{value:?} is none of these"),
            }
            AttributeWriter::new(&mut expected, 9).push(key, value);
        }
        (fields.bytes().to_vec(), expected)
    }

    #[test]
    fn what_is_short_is_written_as_everything_else_is() {
        let limits = SpanLimits { attributes: u32::MAX, ..SpanLimits::default() };
        let text: String = ('a'..='z').cycle().take(200).collect();
        // Short ones and long ones in turn: room is opened again and again.
        let texts = (0..=200).flat_map(|bytes| [bytes, 200 - bytes]).map(|bytes| Value::Str(&text[..bytes]));
        let numbers = (0..=u16::MAX).map(|number| Value::Int(number.into()));
        let seconds = [0.0, -1.5, 1e-9, f64::MAX].map(Value::Double);
        for values in [texts.collect::<Vec<_>>(), numbers.collect(), seconds.to_vec()] {
            let (written, expected) = written(&limits, &values);
            assert!(written == expected, "of {} values", values.len());
        }
    }

    #[test]
    fn what_is_short_is_under_the_same_limits() {
        let limits = SpanLimits { attributes: KEYS.len() as u32, ..SpanLimits::default() };
        let (enough, expected) = written(&limits, &[Value::Int(7)]);
        assert_eq!(enough, expected);
        let (few, _) = written(&limits, &[Value::Int(7); 2]);
        assert_eq!(few, expected, "the others had no room");
        let limits = SpanLimits { value_length: Some(2), ..SpanLimits::default() };
        assert_eq!(written(&limits, &[Value::Str("abc")]).0, written(&limits, &[Value::Str("ab")]).1);
    }
}
