//! Which keys a span may have, in one number.
//!
//! Nearly every key that is set is new. To know that of most of them, a span is not read: each key has one mark of 64, and one
//! whose mark no other has left is not there (a Bloom filter of one function; Bloom, "Space/Time Trade-offs in Hash Coding with
//! Allowable Errors", 1970).

/// What keys have left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyMarks(u64);

impl KeyMarks {
    /// Leaves a key's mark.
    ///
    /// # Returns
    /// Whether it was there already: the key may be.
    #[inline]
    pub(super) fn insert(&mut self, key: &[u8]) -> bool {
        let mark = mark(key);
        let known = self.0 & mark != 0;
        self.0 |= mark;
        known
    }
}

impl<'k> FromIterator<&'k [u8]> for KeyMarks {
    fn from_iter<I: IntoIterator<Item = &'k [u8]>>(keys: I) -> Self {
        Self(keys.into_iter().fold(0, |marks, key| marks | mark(key)))
    }
}

/// Of the last bytes and the length: keys of one namespace begin alike. Multiplied by 2^64 divided by the golden ratio, whose
/// upper bits depend on all of them (Knuth, "The Art of Computer Programming", volume 3, section 6.4).
#[inline]
fn mark(key: &[u8]) -> u64 {
    let last = match key.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => key.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)),
    };
    1 << ((last ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_left_is_always_known() {
        let keys: Vec<_> = (0..200).map(|number| "k".repeat(number % 20) + &number.to_string()).collect();
        let mut marks = KeyMarks::default();
        for key in &keys {
            marks.insert(key.as_bytes());
            assert!(marks.insert(key.as_bytes()), "{key}");
        }
        let mut collected: KeyMarks = keys.iter().map(String::as_bytes).collect();
        assert!(keys.iter().all(|key| collected.insert(key.as_bytes())));
    }

    #[test]
    fn a_key_that_was_not_is_mostly_not_known() {
        let there = ["http.request.method", "http.route", "url.path", "url.scheme", "server.address", "server.port"];
        let others =
            ["user.id", "order.id", "order.total", "order.currency", "order.item_count", "order.state", "", "a"];
        let marks: KeyMarks = there.into_iter().map(str::as_bytes).collect();
        let known = others.into_iter().filter(|key| marks.clone().insert(key.as_bytes())).count();
        assert!(known <= 2, "{known} of {}", others.len());
    }
}
