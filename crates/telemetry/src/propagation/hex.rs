//! Lower-case hexadecimal, read and written without an allocation.

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// Marks what is no digit in [`VALUES`]: no digit's value has these bits.
const NO_DIGIT: u8 = 0xf0;
/// The value of each character. One look-up a character and one test an id are cheaper than a comparison each.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// Exactly `N` bytes from `2 * N` lower-case digits; `None` for any other length or character.
pub(super) fn bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let (mut bytes, mut seen) = ([0; N], 0);
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen & NO_DIGIT == 0).then_some(bytes)
}

/// A number from 1 to `2 * N` lower-case digits, as if zeros stood before them.
pub(super) fn padded<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut digits = [b'0'; 32];
    let digits = digits.get_mut(..2 * N)?;
    let from = digits.len().checked_sub(text.len()).filter(|_| !text.is_empty())?;
    digits[from..].copy_from_slice(text);
    bytes(digits)
}

/// Writes two digits for each byte at the start of `text`, and gives back what comes after them.
pub(super) fn write<'a>(bytes: &[u8], text: &'a mut [u8]) -> &'a mut [u8] {
    let (digits, rest) = text.split_at_mut(2 * bytes.len());
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0xf)];
    }
    rest
}
