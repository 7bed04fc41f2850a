//! The traces in memory: bounded, deduplicated, newest first out and oldest first gone.
//!
//! Spans stay the bytes they were sent as and are decoded when a trace is read. A trace is what
//! writers append to and readers clone the references of, so that neither waits for the other's
//! decoding.

mod batch;
mod cost;
mod list;
mod state;
mod stored;
mod summary;
mod trace;
mod wait;

pub use batch::{Batch, Chunk, Origin, SpanHead};
pub use list::{Filter, Listing};
pub use stored::StoredTrace;
pub use summary::{ServiceCount, Summary};
pub use trace::MAX_TRACE_BYTES;
pub use wait::WaitError;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use otlp::TraceId;
use state::State;
use tokio::sync::watch;

/// What bounds the store. When one is exceeded, the oldest traces go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many traces there may be.
    pub traces: usize,
    /// How many bytes they may take, bookkeeping included.
    pub bytes: usize,
}

impl Default for Limits {
    /// An hour of a busy afternoon's work, and little enough for any machine.
    fn default() -> Self {
        Self { traces: 20_000, bytes: 256 << 20 }
    }
}

/// How full the store is and what went through it.
/// `received` is always `rejected + duplicates + spans + evicted_spans`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Traces that are here.
    pub traces: usize,
    /// Spans that are here.
    pub spans: u64,
    /// Bytes that they take, bookkeeping included.
    pub bytes: usize,
    /// Spans in all requests that were accepted.
    pub received: u64,
    /// Spans of them that were invalid or beyond what a trace may have.
    pub rejected: u64,
    /// Spans of them that were there already.
    pub duplicates: u64,
    /// Traces that made room for newer ones.
    pub evicted_traces: u64,
    /// Spans of these.
    pub evicted_spans: u64,
    /// Requests that were refused whole.
    pub refused_requests: u64,
}

/// The store. All methods take short locks only; share it in an `Arc`.
#[derive(Debug)]
pub struct Store {
    limits: Limits,
    state: RwLock<State>,
    changes: watch::Sender<u64>,
}

impl Store {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: RwLock::default(), changes: watch::Sender::new(0) }
    }

    /// Takes the spans of a batch in and makes room for them. Says how many were not taken, because
    /// their trace has [`MAX_TRACE_BYTES`] already.
    pub fn insert(&self, batch: Batch) -> u64 {
        let beyond = self.write().insert(batch, self.limits);
        self.changes.send_modify(|version| *version += 1);
        beyond
    }

    /// Counts a request that was refused whole.
    pub fn count_refusal(&self) {
        self.write().counters.refused_requests += 1;
    }

    /// A trace as it is now.
    pub fn trace(&self, trace_id: TraceId) -> Option<StoredTrace> {
        self.read().trace(trace_id)
    }

    /// The newest traces that pass the filter.
    pub fn list(&self, filter: &Filter) -> Listing {
        self.read().list(filter)
    }

    /// How full the store is and what went through it.
    pub fn counters(&self) -> Counters {
        self.read().counters()
    }

    /// What bounds the store.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// A number that grows with each batch.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// A panic while the lock was held cannot leave a state that is worse than a lost span.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
