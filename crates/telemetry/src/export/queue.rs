//! Where encoded records wait for their export: bounded, and counted in the same breath as they are kept or dropped.
//!
//! A record is encoded by the thread that made it, while its data is in that thread's cache, at the end of that thread's
//! own buffer. Full buffers are sealed and handed over whole, so that the exporting thread neither copies nor locks for
//! longer than it takes to swap two buffers.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::ledger::{Account, Outcomes};
use super::shard::{Aligned, SHARDS, of_this_thread};
use super::spare::{self, Spare};
use crate::config::BatchConfig;

/// Bytes that may wait besides the limit on records: records can be large, and memory is what a limit is there for.
const WAITING_BYTES: usize = 64 << 20;
/// A buffer is sealed at this size although it could hold more records: receivers of gRPC take 4 MiB by default.
const CHUNK_BYTES: usize = 2 << 20;

/// Records of one scope, encoded one after another.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// What stands in front of them in their `ScopeSpans`.
    pub(crate) prefix: Arc<[u8]>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: usize,
    /// Chunks are numbered as they are sealed; a flush waits for all up to one number.
    pub(crate) number: u64,
}

#[derive(Debug, Default)]
struct Shard {
    open: Chunk,
    /// Records that were offered.
    ended: u64,
    /// Those of them that found the queue full.
    dropped: u64,
    /// Those of them that came after the end.
    late: u64,
}

#[derive(Debug, Default)]
struct Sealed {
    chunks: VecDeque<Chunk>,
    /// What is in them.
    records: usize,
    bytes: usize,
    numbered: u64,
    /// Chunks up to this number are taken however little there is.
    due: u64,
    outcomes: Outcomes,
}

/// The queue of one signal.
#[derive(Debug)]
pub(crate) struct Queue {
    shards: [Aligned<Mutex<Shard>>; SHARDS],
    /// Locked after a shard, never before one.
    sealed: Mutex<Sealed>,
    spare: Arc<Spare>,
    /// From a record's end until the receiver has answered for it.
    waiting_records: AtomicUsize,
    waiting_bytes: AtomicUsize,
    /// It was full, and has not been half empty since.
    full: AtomicBool,
    /// How often that was so.
    floods: AtomicUsize,
    closed: AtomicBool,
    news: Notify,
    limits: BatchConfig,
    /// A shard is sealed with so many records.
    chunk_records: usize,
    /// So many sealed records are worth an export before it is due.
    ready_records: usize,
}

impl Queue {
    pub(crate) fn new(limits: BatchConfig) -> Self {
        let (queue, batch) = (limits.queue_records, limits.batch_records.max(1));
        // All open buffers together hold less than half of the queue, and what is sealed and not ready less than the other
        // half: while nothing is under way there is room for a record. A batch is so many whole chunks.
        let chunks_a_batch = batch.div_ceil((queue / (2 * SHARDS)).max(1));
        Self {
            chunk_records: (batch / chunks_a_batch).max(1),
            ready_records: batch.min(queue / 2).max(1),
            shards: Default::default(),
            sealed: Mutex::default(),
            spare: Arc::default(),
            waiting_records: AtomicUsize::new(0),
            waiting_bytes: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            floods: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            news: Notify::new(),
            limits,
        }
    }

    /// Appends one record, or counts it as dropped where there is no room. `write` appends the record to the buffer.
    pub(crate) fn push(&self, prefix: &Arc<[u8]>, write: impl FnOnce(&mut Vec<u8>)) {
        self.push_to(of_this_thread(), prefix, write);
    }

    fn push_to(&self, shard: usize, prefix: &Arc<[u8]>, write: impl FnOnce(&mut Vec<u8>)) {
        let mut shard = lock(&self.shards[shard].0);
        shard.ended += 1;
        if self.closed.load(Ordering::Acquire) {
            shard.late += 1;
            return;
        }
        if !self.admit() {
            shard.dropped += 1;
            // What is in the buffers takes the place of others.
            let kept = shard.open.records > 0;
            self.seal(&mut shard);
            drop(shard);
            if !self.full.swap(true, Ordering::Relaxed) {
                let times = self.floods.fetch_add(1, Ordering::Relaxed) + 1;
                tracing::warn!(
                    times,
                    room = self.limits.queue_records,
                    "the queue is full; records are dropped until there is room"
                );
            }
            if kept {
                self.news.notify_one();
            }
            return;
        }
        let mut ready = false;
        if !Arc::ptr_eq(&shard.open.prefix, prefix) {
            ready = self.seal(&mut shard);
            shard.open.prefix = Arc::clone(prefix);
        }
        let before = shard.open.bytes.len();
        write(&mut shard.open.bytes);
        shard.open.records += 1;
        self.waiting_bytes.fetch_add(shard.open.bytes.len() - before, Ordering::Relaxed);
        let full = shard.open.records >= self.chunk_records || shard.open.bytes.len() >= CHUNK_BYTES;
        ready |= full && self.seal(&mut shard);
        drop(shard);
        if ready {
            self.news.notify_one();
        }
    }

    fn admit(&self) -> bool {
        let waiting = self.waiting_records.fetch_add(1, Ordering::Relaxed);
        let room = waiting < self.limits.queue_records && self.waiting_bytes.load(Ordering::Relaxed) < WAITING_BYTES;
        if !room {
            self.waiting_records.fetch_sub(1, Ordering::Relaxed);
        }
        room
    }

    /// # Returns
    /// Whether this makes what is sealed worth an export.
    fn seal(&self, shard: &mut Shard) -> bool {
        if shard.open.records == 0 {
            return false;
        }
        let bytes = self.spare.take();
        let next = Chunk { prefix: Arc::clone(&shard.open.prefix), bytes, ..Chunk::default() };
        let mut chunk = mem::replace(&mut shard.open, next);
        let mut sealed = lock(&self.sealed);
        sealed.numbered += 1;
        chunk.number = sealed.numbered;
        let was_ready = self.is_ready(&sealed);
        sealed.records += chunk.records;
        sealed.bytes += chunk.bytes.len();
        sealed.chunks.push_back(chunk);
        // Said once: whoever takes goes on until there is nothing to take.
        !was_ready && self.is_ready(&sealed)
    }

    fn is_ready(&self, sealed: &Sealed) -> bool {
        sealed.records >= self.ready_records || sealed.bytes >= CHUNK_BYTES
    }

    /// Seals what waits in open buffers, however little, and lets it be taken.
    ///
    /// # Returns
    /// The number of the last chunk.
    pub(crate) fn seal_all(&self) -> u64 {
        for shard in &self.shards {
            self.seal(&mut lock(&shard.0));
        }
        let mut sealed = lock(&self.sealed);
        sealed.due = sealed.numbered;
        sealed.due
    }

    /// As [`Self::seal_all`] where the queue is full: what has a place in it shall not wait for its time.
    pub(crate) fn relieve(&self) {
        if self.full.load(Ordering::Relaxed) {
            self.seal_all();
        }
    }

    /// Resolves when there may be more to take since the last time, or [to make room for](Self::relieve).
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Takes no more records: those that still come are counted as late.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether half of it or more is taken, by what waits and by what is under way, beside so many records and bytes.
    pub(crate) fn is_half_full_beside(&self, records: usize, bytes: usize) -> bool {
        let (all_records, all_bytes) = (&self.waiting_records, &self.waiting_bytes);
        2 * all_records.load(Ordering::Relaxed).saturating_sub(records) >= self.limits.queue_records
            || 2 * all_bytes.load(Ordering::Relaxed).saturating_sub(bytes) >= WAITING_BYTES
    }

    /// The number of the first chunk that waits to be taken.
    pub(crate) fn next_number(&self) -> Option<u64> {
        lock(&self.sealed).chunks.front().map(|chunk| chunk.number)
    }

    /// Takes sealed chunks for one export, as many as fit; they are under way then. Empty when none is due, and those that are
    /// not due are not worth an export.
    pub(crate) fn take(&self) -> Vec<Chunk> {
        let mut sealed = lock(&self.sealed);
        let (mut taken, mut records, mut bytes) = (Vec::new(), 0, 0);
        let due = sealed.chunks.front().is_some_and(|chunk| chunk.number <= sealed.due);
        if !due && !self.is_ready(&sealed) {
            return taken;
        }
        while let Some(next) = sealed.chunks.front() {
            records += next.records;
            bytes += next.bytes.len();
            let fits = records <= self.limits.batch_records && bytes <= CHUNK_BYTES;
            if !fits && !taken.is_empty() {
                break;
            }
            let Some(chunk) = sealed.chunks.pop_front() else { break };
            sealed.outcomes.submitted(chunk.records as u64);
            sealed.records -= chunk.records;
            sealed.bytes -= chunk.bytes.len();
            taken.push(chunk);
        }
        taken
    }

    /// What a chunk has in it, to be sent; its buffer is used again when that is done.
    pub(crate) fn lend(&self, chunk: Chunk) -> Bytes {
        spare::lend(&self.spare, chunk.bytes)
    }

    /// Notes what became of records that were under way, all at once.
    pub(crate) fn settle(&self, records: usize, bytes: usize, note: impl FnOnce(&mut Outcomes)) {
        let mut sealed = lock(&self.sealed);
        note(&mut sealed.outcomes);
        drop(sealed);
        let waiting_records = self.waiting_records.fetch_sub(records, Ordering::Relaxed) - records;
        let waiting_bytes = self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed) - bytes;
        // A queue that is full again after each batch is one piece of news.
        if waiting_records <= self.limits.queue_records / 2 && waiting_bytes <= WAITING_BYTES / 2 {
            self.full.store(false, Ordering::Relaxed);
        }
    }

    /// One consistent look: all places are held at once. `also` is read meanwhile.
    pub(crate) fn account<T>(&self, also: impl FnOnce() -> T) -> (Account, T) {
        let shards: Vec<_> = self.shards.iter().map(|shard| lock(&shard.0)).collect();
        let sealed = lock(&self.sealed);
        let chunks = shards.iter().map(|shard| &shard.open).chain(&sealed.chunks);
        let account = Account {
            ended: shards.iter().map(|shard| shard.ended).sum(),
            dropped: shards.iter().map(|shard| shard.dropped).sum(),
            late: shards.iter().map(|shard| shard.late).sum(),
            queued: chunks.map(|chunk| chunk.records as u64).sum(),
            capacity: self.limits.queue_records as u64,
            outcomes: sealed.outcomes.clone(),
        };
        (account, also())
    }
}

/// What a panic leaves behind is whole here: counters and buffers change together or not at all.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
