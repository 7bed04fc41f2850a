//! Lower-case hexadecimal, read and written without an allocation.
//!
//! A pair of digits is taken as one number of two lanes, and calculated with to the end also where it is wrong: without a branch,
//! and so that compilers make steps of eight pairs of it. They do as long as they neither know the length nor see what is around.

/// Each lane one.
const ONES: u16 = 0x0101;
/// The upper half of each lane.
const HIGH: u16 = 0xf0 * ONES;

/// Exactly `N` bytes from `2 * N` lower-case digits; `None` for any other length or character.
#[inline]
pub(super) fn bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, odd) = text.as_chunks();
    if pairs.len() != N || !odd.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    read(pairs, &mut bytes).then_some(bytes)
}

/// A number from 1 to `2 * N` lower-case digits, as if zeros stood before them; `None` beyond 16 bytes.
pub(super) fn padded<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut digits = [b'0'; 32];
    let digits = digits.get_mut(..2 * N)?;
    let from = digits.len().checked_sub(text.len()).filter(|_| !text.is_empty())?;
    digits[from..].copy_from_slice(text);
    bytes(digits)
}

/// Writes two digits for each byte at the start of `text`.
#[inline(never)]
pub(super) fn write(bytes: &[u8], text: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(text.as_chunks_mut().0) {
        *pair = written(u16::from(byte >> 4) | u16::from(byte & 0x0f) << 8).to_le_bytes();
    }
}

/// Whether all pairs are digits; only then the bytes mean something.
#[inline(never)]
fn read(pairs: &[[u8; 2]], bytes: &mut [u8]) -> bool {
    let mut wrong = 0;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let pair = u16::from_le_bytes(*pair);
        // `0` to `9` are 0x30 to 0x39, `a` to `f` are 0x61 to 0x66: the bit 0x40 tells them apart.
        let halves = (pair & !HIGH) + 9 * ((pair >> 6) & (3 * ONES));
        // Every digit comes out as it went in, and nothing else does but what is beyond a half (`g` to `o`).
        wrong |= (written(halves) ^ pair) | (halves & HIGH);
        *byte = ((halves << 4) | (halves >> 8)) as u8;
    }
    wrong == 0
}

/// Digits of the numbers in each lane, from 0 to 15.
#[inline]
fn written(halves: u16) -> u16 {
    let letters = ((halves + 6 * ONES) >> 4) & ONES;
    halves + u16::from(b'0') * ONES + u16::from(b'a' - b'0' - 10) * letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_is_written_and_nothing_else_is_read() {
        // As many as a step has, and some that are left over.
        const LENGTH: usize = 21;
        for byte in 0..=u8::MAX {
            for at in 0..LENGTH {
                let mut id = [0x5a; LENGTH];
                id[at] = byte;
                let mut text = [0; 2 * LENGTH];
                write(&id, &mut text);
                let expected: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(text, expected.as_bytes());
                assert_eq!(bytes(&text), Some(id));
            }
            for at in 0..2 * LENGTH {
                let mut text = [b'7'; 2 * LENGTH];
                text[at] = byte;
                let digit = byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
                assert_eq!(bytes::<LENGTH>(&text).is_some(), digit, "{byte:#x} at {at}");
            }
        }
        assert_eq!(bytes::<5>(b"012345678"), None);
        assert_eq!(padded(b"1f"), Some([0, 0x1f]));
        assert_eq!((padded::<2>(b""), padded::<2>(b"00001")), (None, None));
    }
}
