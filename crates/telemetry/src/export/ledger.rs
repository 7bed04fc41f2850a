//! What became of every record. Nothing is lost without a count.
//!
//! At any moment `ended = exported + failed + dropped + late + waiting + spooled`, where a record waits from its end until the
//! receiver has answered for it: in a buffer, sealed, or under way. What is spooled is on the disk, beside what earlier processes
//! have left there; of these `spooled + found = delivered + lost + on disk`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::observed::Exporters;
use super::queue::Queue;
use super::source::Readings;
use crate::config::SpoolConfig;
use crate::sampling::{Begun, Sampler};

/// Why records did not arrive: a status code, a gRPC status name, or one of a few words. A metric's label.
pub(crate) type ErrorType = Cow<'static, str>;

/// The receiver took the batch, and not these.
pub(crate) const REJECTED: ErrorType = Cow::Borrowed("rejected");
/// No answer in time. The receiver may have them all the same.
pub(crate) const TIMEOUT: ErrorType = Cow::Borrowed("timeout");
/// No connection, or one that broke.
pub(crate) const CONNECTION: ErrorType = Cow::Borrowed("connection");
/// An answer that no receiver of OTLP gives.
pub(crate) const BAD_ANSWER: ErrorType = Cow::Borrowed("bad_answer");
/// The process ended before they could leave.
pub(crate) const SHUTDOWN: ErrorType = Cow::Borrowed("shutdown");
/// On the disk, and not what was written.
pub(crate) const CORRUPT: ErrorType = Cow::Borrowed("corrupt");
/// On the disk, which does not give them.
pub(crate) const UNREADABLE: ErrorType = Cow::Borrowed("unreadable");
/// Those that every process has a count of, also while it is zero: an alert cannot see a series that is not there yet.
pub(super) const ALWAYS: [ErrorType; 5] = [REJECTED, TIMEOUT, CONNECTION, BAD_ANSWER, SHUTDOWN];

/// Records that left the queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// Handed to an export: all of them are under way, exported or failed.
    pub(crate) submitted: u64,
    pub(crate) exported: u64,
    pub(crate) failed: BTreeMap<ErrorType, u64>,
    pub(crate) spool: Spooled,
}

/// Records on the disk, and what became of those that were there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spooled {
    /// Put there by this process.
    pub(crate) written: u64,
    /// Left there by earlier ones.
    pub(crate) found: u64,
    /// Taken by the receiver.
    pub(crate) delivered: u64,
    /// Refused by it, or not readable.
    pub(crate) lost: BTreeMap<ErrorType, u64>,
    /// What all of it takes.
    pub(crate) bytes: u64,
}

impl Spooled {
    /// Those that still wait there.
    pub(crate) fn on_disk(&self) -> u64 {
        (self.written + self.found).saturating_sub(self.delivered + self.all_lost())
    }

    pub(crate) fn all_lost(&self) -> u64 {
        self.lost.values().sum()
    }

    pub(crate) fn lost(&mut self, error_type: ErrorType, records: u64) {
        if records > 0 {
            *self.lost.entry(error_type).or_default() += records;
        }
    }
}

impl Outcomes {
    pub(crate) fn submitted(&mut self, records: u64) {
        self.submitted += records;
    }

    pub(crate) fn exported(&mut self, records: u64) {
        self.exported += records;
    }

    pub(crate) fn failed(&mut self, error_type: ErrorType, records: u64) {
        if records > 0 {
            *self.failed.entry(error_type).or_default() += records;
        }
    }

    pub(crate) fn all_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Sent, and not answered for yet.
    pub(crate) fn under_way(&self) -> u64 {
        self.submitted - self.exported - self.all_failed() - self.spool.written
    }
}

/// One consistent look at a signal's records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// All that were offered.
    pub(crate) ended: u64,
    /// Found the queue full.
    pub(crate) dropped: u64,
    /// Came after the end.
    pub(crate) late: u64,
    /// In a buffer.
    pub(crate) queued: u64,
    /// How many may wait.
    pub(crate) capacity: u64,
    pub(crate) outcomes: Outcomes,
}

impl Account {
    /// In a buffer, or under way.
    pub(crate) fn waiting(&self) -> u64 {
        self.queued + self.outcomes.under_way()
    }

    /// All that will not arrive of what came before the end, and of what earlier processes had left on the disk.
    pub(crate) fn lost(&self) -> u64 {
        self.outcomes.all_failed() + self.dropped + self.outcomes.spool.all_lost()
    }

    /// Whether every record that was offered has arrived, or is on the disk for later.
    pub(crate) fn none_is_lost(&self) -> bool {
        self.ended == self.outcomes.exported + self.outcomes.spool.written && self.outcomes.spool.all_lost() == 0
    }
}

/// What one pipeline has made and what became of it.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(super) spans: Arc<Queue>,
    pub(super) sampler: Sampler,
    pub(super) logs: Arc<Queue>,
    pub(super) points: Arc<Mutex<Readings>>,
    /// How many bytes each signal may have on the disk; `None` where none goes there.
    pub(super) spool_bytes: Option<u64>,
    pub(super) exporters: Exporters,
}

/// One consistent look at all spans.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    pub(crate) begun: Begun,
    pub(crate) account: Account,
}

impl Spans {
    /// Sampled spans that have not ended yet.
    pub(crate) fn live(&self) -> u64 {
        self.begun.iter().map(|[_, sampled]| sampled).sum::<u64>().saturating_sub(self.account.ended)
    }
}

impl Ledger {
    pub(crate) fn new(spans: Arc<Queue>, sampler: Sampler, logs: Arc<Queue>, points: Arc<Mutex<Readings>>) -> Self {
        Self { spans, sampler, logs, points, spool_bytes: None, exporters: Exporters::default() }
    }

    /// The same with what is on the disk.
    pub(crate) fn with_spool(self, spool: Option<&SpoolConfig>) -> Self {
        Self { spool_bytes: spool.map(|spool| spool.max_bytes), ..self }
    }

    /// The same with the names of what exports.
    pub(crate) fn with_exporters(self, exporters: Exporters) -> Self {
        Self { exporters, ..self }
    }

    pub(crate) fn left_out(&self, parent_is_remote: bool) {
        self.sampler.left_out(parent_is_remote);
    }

    pub(crate) fn logs(&self) -> Account {
        self.logs.account(|| ()).0
    }

    /// Points of metrics that were handed to an export.
    pub(crate) fn points(&self) -> Outcomes {
        self.points.lock().unwrap_or_else(PoisonError::into_inner).outcomes.clone()
    }

    pub(crate) fn spans(&self) -> Spans {
        // Spans are counted at their begin before they are at their end; read in the other order, none is missing.
        let (account, begun) = self.spans.account(|| self.sampler.begun());
        Spans { begun, account }
    }

    /// Records of all signals that will not arrive, of those that came before the end.
    pub(crate) fn lost(&self) -> u64 {
        self.spans().account.lost() + self.logs().lost() + self.points().all_failed()
    }

    /// The account at a process' end, in one line.
    pub(crate) fn report(&self) {
        let spans = self.spans();
        let (unfinished, Account { dropped, late, outcomes, .. }) = (spans.live(), &spans.account);
        let (ended, exported, failed) = (spans.account.ended, outcomes.exported, outcomes.all_failed());
        // Without a spool nothing is said of one.
        let spool = self.spool_bytes.map(|_| &outcomes.spool);
        let (spooled, on_disk) = (spool.map(|spool| spool.written), spool.map(Spooled::on_disk));
        let spool_lost = spool.map(Spooled::all_lost);
        if spans.account.none_is_lost() && unfinished == 0 {
            if on_disk.is_none_or(|records| records == 0) {
                tracing::info!(ended, exported, spooled, "every span was delivered");
            } else {
                tracing::info!(ended, exported, spooled, on_disk, "every span was delivered, or is on the disk");
            }
            return;
        }
        let waiting = spans.account.waiting();
        let reasons = outcomes.failed.iter().map(|(reason, spans)| format!("{reason}={spans}")).collect::<Vec<_>>();
        let reasons = reasons.join(" ");
        tracing::warn!(
            ended,
            exported,
            failed,
            reasons,
            dropped,
            late,
            waiting,
            unfinished,
            spooled,
            on_disk,
            spool_lost,
            "not every span was delivered"
        );
    }
}
