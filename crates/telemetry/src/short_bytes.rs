//! Short texts for headers, written one behind the other: each a share of a block that its thread has, so that neither a
//! text nor a copy of it is an allocation of its own.

use std::cell::RefCell;

use bytes::{BufMut, Bytes, BytesMut};

/// Room for some sixty values. A value that somebody keeps for long keeps its whole block.
const BLOCK_BYTES: usize = 4096;
/// Longer texts have an allocation of their own.
const MOST_BYTES: usize = 256;

thread_local! {
    static BLOCK: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// These parts as one.
#[inline]
pub(crate) fn joined(parts: &[&[u8]]) -> Bytes {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // Neither fails but at a thread's very end.
    let written = BLOCK.try_with(|block| {
        let mut block = block.try_borrow_mut().ok().filter(|_| length <= MOST_BYTES)?;
        if block.capacity() < length {
            *block = BytesMut::with_capacity(BLOCK_BYTES);
        }
        parts.iter().for_each(|part| block.put_slice(part));
        Some(block.split().freeze())
    });
    written.ok().flatten().unwrap_or_else(|| parts.concat().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stays_what_it_was_whatever_is_written_after_it() {
        let text = |number: usize| format!("text {number} {}", "x".repeat(number % (MOST_BYTES + 20)));
        let kept: Vec<_> = (0..1_000).map(|number| joined(&[text(number).as_bytes()])).collect();
        for (number, kept) in kept.iter().enumerate() {
            assert_eq!(*kept, text(number));
        }
        assert_eq!(joined(&[b"a", b"", b"b"]), "ab");
    }

    #[test]
    fn texts_that_are_written_one_after_the_other_share_a_block() {
        let (first, second) = (joined(&[b"first"]), joined(&[b"second"]));
        let next_block = second.as_ptr().addr() < first.as_ptr().addr();
        assert!(next_block || second.as_ptr().addr() - first.as_ptr().addr() == first.len());
    }
}
