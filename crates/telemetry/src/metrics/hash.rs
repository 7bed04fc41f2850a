//! A hash of few steps for the keys of series.
//!
//! Keys are short and come from bounded sets, which nobody outside can fill at will; what a hash against floods costs would
//! be most of what recording costs.

use std::hash::{BuildHasherDefault, Hasher};

/// Hashes eight bytes at a time.
pub(super) type Words = BuildHasherDefault<WordHasher>;

/// An odd number without a pattern: the fraction of the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The state so far.
#[derive(Debug, Default)]
pub(super) struct WordHasher(u64);

impl WordHasher {
    #[inline]
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for WordHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        // A rest has less than eight bytes: its length fits above it, so that zero bytes count.
        let length = (rest.len() as u64) << 56;
        match *rest {
            [] => {}
            [a] => self.word(u64::from(a) | length),
            [a, b] => self.word(u64::from(a) | u64::from(b) << 8 | length),
            [a, b, c] => self.word(u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16 | length),
            [a, b, c, d, ref rest @ ..] => {
                let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
                self.word(u64::from(u32::from_le_bytes([a, b, c, d])) | last << 32 | length);
            }
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.word(value.into());
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.word(value.into());
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.word(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
