//! Lower-case hexadecimal, read and written without an allocation, eight digits at a time.

/// Each byte one.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The lower half of each byte.
const LOW: u64 = 0x0f * ONES;

/// Exactly `N` bytes from `2 * N` lower-case digits; `None` for any other length or character.
pub(super) fn bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let (mut bytes, mut wrong) = ([0; N], 0);
    let (blocks, rest) = text.as_chunks::<8>();
    let (quads, last) = bytes.as_chunks_mut::<4>();
    for (quad, block) in quads.iter_mut().zip(blocks) {
        let (value, fault) = value(*block);
        *quad = value.to_be_bytes();
        wrong |= fault;
    }
    for (byte, pair) in last.iter_mut().zip(rest.as_chunks::<2>().0) {
        let [high, low] = *pair;
        let (value, fault) = value([b'0', b'0', b'0', b'0', b'0', b'0', high, low]);
        [_, _, _, *byte] = value.to_be_bytes();
        wrong |= fault;
    }
    (wrong == 0).then_some(bytes)
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
pub(super) fn write(bytes: &[u8], text: &mut [u8]) {
    let (quads, last) = bytes.as_chunks::<4>();
    for (quad, block) in quads.iter().zip(text.as_chunks_mut::<8>().0) {
        *block = digits(u32::from_be_bytes(*quad));
    }
    let rest = text.get_mut(8 * quads.len()..).unwrap_or_default();
    for (byte, pair) in last.iter().zip(rest.as_chunks_mut::<2>().0) {
        let [.., high, low] = digits(u32::from(*byte));
        *pair = [high, low];
    }
}

/// The number that eight digits are, and zero; or anything, and something else than zero where one of them is no digit.
fn value(text: [u8; 8]) -> (u32, u64) {
    let text = u64::from_be_bytes(text);
    // `0` to `9` are 0x30 to 0x39, `a` to `f` are 0x61 to 0x66: the bit 0x40 tells them apart.
    let halves = (text & LOW) + 9 * (text >> 6 & ONES);
    // Every digit comes out as it went in, and nothing else does but what is beyond a half (`g` to `o`).
    let fault = (written(halves) ^ text) | (halves & !LOW);
    let pairs = (halves | halves >> 4) & 0x00ff_00ff_00ff_00ff;
    let quads = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let all = (quads | quads >> 16) & 0xffff_ffff;
    (u32::try_from(all).unwrap_or_default(), fault)
}

/// The eight digits of a number.
fn digits(number: u32) -> [u8; 8] {
    let all = u64::from(number);
    let quads = (all | all << 16) & 0x0000_ffff_0000_ffff;
    let pairs = (quads | quads << 8) & 0x00ff_00ff_00ff_00ff;
    written((pairs | pairs << 4) & LOW).to_be_bytes()
}

/// Digits of the numbers in each byte, from 0 to 15.
fn written(halves: u64) -> u64 {
    let letters = (halves + 6 * ONES) >> 4 & ONES;
    halves + u64::from(b'0') * ONES + u64::from(b'a' - b'0' - 10) * letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_is_written_and_nothing_else_is_read() {
        for byte in 0..=u8::MAX {
            for at in 0..5 {
                let mut id = [0x5a; 5];
                id[at] = byte;
                let mut text = [0; 10];
                write(&id, &mut text);
                let expected: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(text, expected.as_bytes());
                assert_eq!(bytes(&text), Some(id));
            }
            for at in 0..10 {
                let mut text = *b"0123456789";
                text[at] = byte;
                let digit = byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
                assert_eq!(bytes::<5>(&text).is_some(), digit, "{byte:#x} at {at}");
            }
        }
        assert_eq!(bytes::<5>(b"012345678"), None);
        assert_eq!(padded(b"1f"), Some([0, 0x1f]));
        assert_eq!((padded::<2>(b""), padded::<2>(b"00001")), (None, None));
    }
}
