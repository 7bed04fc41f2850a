//! Buffers that are used again. To make a new one of some hundred kilobytes for each export would cost more than to fill it:
//! the kernel hands out its pages one by one.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::shard::SHARDS;

/// Empty buffers that are kept for the next records: each shard's next one, and some that are under way back.
const SPARE_BUFFERS: usize = 2 * SHARDS;
/// A buffer that grew beyond this is not kept: one flood of large records shall not hold its memory for ever.
const SPARE_BYTES: usize = 512 << 10;

/// The empty buffers of one queue.
#[derive(Debug, Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    /// A buffer, made only where there is none.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        if (1..=SPARE_BYTES).contains(&buffer.capacity()) {
            buffer.clear();
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < SPARE_BUFFERS {
                kept.push(buffer);
            }
        }
    }
}

/// What a buffer has in it, for as long as somebody needs it; then the buffer is given back.
pub(super) fn lend(spare: &Arc<Spare>, buffer: Vec<u8>) -> Bytes {
    Bytes::from_owner(Lent { buffer, spare: Arc::clone(spare) })
}

struct Lent {
    buffer: Vec<u8>,
    spare: Arc<Spare>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.spare.give_back(std::mem::take(&mut self.buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_with_the_last_who_needs_it_unless_it_grew_too_large() {
        let spare = Arc::new(Spare::default());
        let lent = lend(&spare, vec![7; 100]);
        let shared = lent.clone();
        drop(lent);
        assert_eq!((spare.take().capacity(), &shared[..3]), (0, &[7; 3][..]));
        drop(shared);
        let again = spare.take();
        assert_eq!((again.len(), again.capacity()), (0, 100));
        drop(lend(&spare, vec![0; SPARE_BYTES + 1]));
        assert_eq!(spare.take().capacity(), 0);
    }
}
