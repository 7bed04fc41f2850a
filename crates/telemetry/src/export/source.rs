//! Where a lane's batches come from: a queue of records, or metrics that are read when they are due.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ledger::Outcomes;
use super::pieces::Pieces;
use super::queue::Queue;
use super::request;

/// What goes out in one request.
#[derive(Debug)]
pub(super) struct Batch {
    /// The lowest of the numbers of what is in it.
    pub(super) number: u64,
    pub(super) records: usize,
    /// Bytes of it in the queue's count.
    pub(super) queued_bytes: usize,
    pub(super) request: Pieces,
}

/// Appends an export request to a buffer, and says how many data points are in it.
pub(crate) type Collect = Box<dyn Fn(&mut Vec<u8>) -> usize + Send + Sync>;

/// Where batches come from.
pub(crate) enum Source {
    /// Encoded records.
    Queue { queue: Arc<Queue>, resource: Arc<[u8]> },
    /// Metrics, read at each interval.
    Metrics(Readout),
}

/// The latest reading, and what became of the ones before.
pub(crate) struct Readout {
    collect: Collect,
    state: Arc<Mutex<Readings>>,
}

/// Readings of metrics. A later one has all that an earlier one had, so that only the latest waits.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    due: bool,
    numbered: u64,
    pub(crate) outcomes: Outcomes,
}

impl Readout {
    pub(crate) fn new(collect: Collect, state: Arc<Mutex<Readings>>) -> Self {
        Self { collect, state }
    }

    fn readings(&self) -> MutexGuard<'_, Readings> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    /// What waits is due now, however little.
    ///
    /// # Returns
    /// The number up to which all has to be settled for a flush to be over.
    pub(super) fn due(&self) -> u64 {
        match self {
            Self::Queue { queue, .. } => queue.seal_all(),
            Self::Metrics(metrics) => {
                let mut readings = metrics.readings();
                readings.due = true;
                readings.numbered + 1
            }
        }
    }

    /// Resolves when there may be something to take before it is due.
    pub(super) async fn news(&self) {
        match self {
            Self::Queue { queue, .. } => queue.news().await,
            Self::Metrics(_) => std::future::pending().await,
        }
    }

    /// What waits is due now where it would cost others their place.
    pub(super) fn relieve(&self) {
        if let Self::Queue { queue, .. } = self {
            queue.relieve();
        }
    }

    /// Whether others will soon find no place, whatever becomes of so many records and bytes of it.
    pub(super) fn is_half_full_beside(&self, records: usize, bytes: usize) -> bool {
        matches!(self, Self::Queue { queue, .. } if queue.is_half_full_beside(records, bytes))
    }

    /// The next batch; it is under way from now on.
    pub(super) fn take(&self) -> Option<Batch> {
        match self {
            Self::Queue { queue, resource } => {
                let chunks = queue.take();
                let number = chunks.first()?.number;
                let records = chunks.iter().map(|chunk| chunk.records).sum();
                let queued_bytes = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
                let request = request::body(resource, chunks, |chunk| queue.lend(chunk));
                Some(Batch { number, records, queued_bytes, request })
            }
            Self::Metrics(metrics) => {
                let mut readings = metrics.readings();
                if !std::mem::take(&mut readings.due) {
                    return None;
                }
                readings.numbered += 1;
                let number = readings.numbered;
                // Reading takes other locks, some of them this one.
                drop(readings);
                let mut request = Vec::new();
                let records = (metrics.collect)(&mut request);
                metrics.readings().outcomes.submitted(records as u64);
                Some(Batch { number, records, queued_bytes: 0, request: request.into() })
            }
        }
    }

    /// Whether nothing up to `number` waits to be taken.
    pub(super) fn taken_up_to(&self, number: u64) -> bool {
        match self {
            Self::Queue { queue, .. } => queue.next_number().is_none_or(|next| next > number),
            Self::Metrics(metrics) => !metrics.readings().due,
        }
    }

    pub(super) fn settle(&self, records: usize, queued_bytes: usize, note: impl FnOnce(&mut Outcomes)) {
        match self {
            Self::Queue { queue, .. } => queue.settle(records, queued_bytes, note),
            Self::Metrics(metrics) => note(&mut metrics.readings().outcomes),
        }
    }

    /// No more is taken in.
    pub(super) fn close(&self) {
        if let Self::Queue { queue, .. } = self {
            queue.close();
        }
    }
}
