//! Which of a few places a thread writes to, so that threads do not wait for one another.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places: as many as a usual server has request threads on a machine of eight cores. More threads share them.
pub(crate) const SHARDS: usize = 8;

/// One value a shard, each on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// The shard of the current thread: threads take them in turn.
pub(crate) fn of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<Option<usize>> = const { Cell::new(None) };
    }
    // A thread that is ending has no place of its own any longer.
    MINE.try_with(|mine| {
        mine.get().unwrap_or_else(|| {
            let shard = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
            mine.set(Some(shard));
            shard
        })
    })
    .unwrap_or(0)
}
