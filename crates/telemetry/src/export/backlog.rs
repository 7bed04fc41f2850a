//! What a lane does with its spool: which batches go to the disk, and when those of the disk are sent.
//!
//! A batch goes to the disk when it cannot be delivered for a reason that may pass. From then on the receiver counts as away, and
//! others go there at once, so that the queue does not fill while each is tried; one at a time is still sent, to find out. What
//! is on the disk is sent one batch after another, the oldest first, beside the new ones.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

use super::attempt::{FIRST_PAUSE, LONGEST_PAUSE, jittered};
use super::failure::{Again, Failure};
use super::ledger::{self, Outcomes};
use super::pieces::Pieces;
use super::source::{Batch, Source};
use super::spool::{Place, Spool};
use super::transport::{Accepted, Signal};

/// How long a batch is tried again before it goes to the disk: a connection that broke is there again, and a queue at 4,000 spans
/// a second is not half full yet. The attempt itself has its own limit: an answer that comes late is better than the batch twice.
const PATIENCE: Duration = Duration::from_secs(2);
/// A receiver that wants to be left alone for longer is asked again after this: it may be another one by then.
const LONGEST_WISH: Duration = Duration::from_secs(60);
/// A batch of the disk fails so often, each time after the receiver has taken another one, before it is given up: once or twice may
/// be chance, and all behind it wait.
const HOLDS_UP: u32 = 8;

/// The next thing to do with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the receiver, for so long at most.
    Receiver(Duration),
    /// The same, and no further attempt where half of the queue is taken by others: there is room on the disk.
    Briefly(Duration),
    Disk,
}

pub(super) struct Backlog {
    signal: Signal,
    /// `None` where there is none, or none that can be used.
    spool: Option<Spool>,
    /// Nothing has been delivered since a batch went to the disk.
    away: bool,
    /// The one new batch that is sent meanwhile.
    probe: Option<u64>,
    /// When the receiver is asked again.
    retry_at: Instant,
    pause: Duration,
    /// The last batch could not be kept; that was said.
    failing: bool,
    /// A batch of the disk was refused; that was said.
    refused: bool,
    /// The receiver has taken a new batch since the disk's was sent last.
    took_others: bool,
    /// How often the disk's next batch has failed while the receiver took others.
    failures: u32,
    /// The disk's next batch could not be read; that was said.
    unreadable: bool,
}

impl Backlog {
    /// With what earlier processes have left in `place`.
    pub(super) fn open(signal: Signal, place: Option<&Place>, source: &Source) -> Self {
        let spool = place.and_then(|place| match Spool::open(place) {
            Ok(spool) => Some(spool),
            Err(error) => {
                tracing::warn!(signal = signal.name(), %error, "the spool cannot be used; nothing is kept on the disk");
                None
            }
        });
        let backlog = Self {
            signal,
            spool,
            away: false,
            probe: None,
            retry_at: Instant::now(),
            pause: FIRST_PAUSE,
            failing: false,
            refused: false,
            took_others: false,
            failures: 0,
            unreadable: false,
        };
        backlog.note(source, 0, 0, |_| {});
        if let Some(records) = backlog.spool.as_ref().map(|spool| spool.found).filter(|found| *found > 0) {
            tracing::info!(
                signal = signal.name(),
                records,
                "an earlier process has left records on the disk; they are sent"
            );
        }
        backlog
    }

    /// Whether batches have to be there until they are answered for.
    pub(super) fn keeps(&self) -> bool {
        self.spool.is_some()
    }

    /// Whether a new batch is sent to find out whether the receiver is back.
    pub(super) fn probing(&self) -> bool {
        self.probe.is_some()
    }

    /// Where this batch goes, which would be tried for `patience` if there were no disk.
    pub(super) fn way(&mut self, batch: &Batch, patience: Duration) -> Way {
        let Some(spool) = &self.spool else { return Way::Receiver(patience) };
        if self.failing || !spool.has_room_for(batch.request.len()) {
            Way::Receiver(patience)
        } else if !self.away {
            Way::Briefly(patience.min(PATIENCE))
        } else if self.probe.is_some() || Instant::now() < self.retry_at {
            Way::Disk
        } else {
            self.probe = Some(batch.number);
            Way::Receiver(Duration::ZERO)
        }
    }

    /// Writes a batch to the disk, and notes that in the ledger.
    ///
    /// # Returns
    /// Whether that has worked.
    pub(super) fn keep(&mut self, source: &Source, batch: &Batch) -> bool {
        let Some(spool) = &mut self.spool else { return false };
        match spool.keep(&batch.request, batch.records) {
            Ok(()) => {
                self.failing = false;
                let records = batch.records;
                self.note(source, records, batch.queued_bytes, |outcomes| outcomes.spool.written += records as u64);
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    let signal = self.signal.name();
                    tracing::warn!(signal, %error, "what cannot be delivered cannot be kept on the disk either");
                }
                false
            }
        }
    }

    /// A new batch was sent, and this is what came of it.
    pub(super) fn told(&mut self, number: u64, failure: Option<&Failure>) {
        let was_probe = self.probe.take_if(|probe| *probe == number).is_some();
        self.took_others |= failure.is_none();
        match failure {
            Some(failure) if failure.may_pass() => {
                if was_probe || !self.away {
                    self.wait(failure.again);
                }
                self.away = true;
            }
            // Somebody is there, and nobody knows who.
            Some(failure) if failure.error_type == ledger::BAD_ANSWER => {}
            _ if self.away => self.back(),
            _ => {}
        }
    }

    /// When the disk's next batch is to be sent; `None` where there is nothing.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.spool.as_ref().filter(|spool| !spool.is_empty()).map(|_| self.retry_at)
    }

    /// The disk's next batch, if it is time. It is the same one until that is answered for.
    pub(super) fn due(&mut self, source: &Source) -> Option<Pieces> {
        if self.next_at()? > Instant::now() {
            return None;
        }
        let oldest = self.spool.as_mut()?.oldest();
        self.note(source, 0, 0, |_| {});
        match oldest {
            Ok(oldest) => {
                self.unreadable = false;
                oldest.map(Pieces::from)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.unreadable, true) {
                    let signal = self.signal.name();
                    tracing::warn!(signal, %error, "what is on the disk cannot be read now; it is tried again");
                }
                self.wait(Again::Later);
                None
            }
        }
    }

    /// Notes what became of the disk's batch that was sent.
    ///
    /// # Returns
    /// Whether the receiver took it.
    pub(super) fn settle(&mut self, source: &Source, result: Result<Accepted, Failure>) -> bool {
        let Some(spool) = &mut self.spool else { return false };
        match result {
            Ok(Accepted { rejected, reason }) => {
                let records = spool.answered();
                let rejected = rejected.min(records);
                if rejected > 0 {
                    tracing::warn!(
                        signal = self.signal.name(),
                        rejected,
                        reason,
                        "the receiver rejected records of the disk"
                    );
                }
                self.note(source, 0, 0, |outcomes| {
                    outcomes.spool.delivered += records - rejected;
                    outcomes.spool.lost(ledger::REJECTED, rejected);
                });
                (self.refused, self.failures) = (false, 0);
                self.back();
                true
            }
            // Who gives no answer of OTLP has not answered for anything.
            Err(failure) if failure.may_pass() || failure.error_type == ledger::BAD_ANSWER => {
                if self.holds_up(&failure) {
                    self.pause = FIRST_PAUSE;
                    self.lose(source, &failure);
                }
                self.wait(failure.again);
                false
            }
            Err(failure) => {
                self.lose(source, &failure);
                self.back();
                false
            }
        }
    }

    /// Whether it is the disk's batch that is to blame for its failures. A receiver that asks for it later is not in doubt.
    fn holds_up(&mut self, failure: &Failure) -> bool {
        let unanswered = [ledger::TIMEOUT, ledger::CONNECTION, ledger::BAD_ANSWER].contains(&failure.error_type);
        self.failures += u32::from(std::mem::take(&mut self.took_others) && unanswered);
        self.failures >= HOLDS_UP
    }

    /// Gives up the disk's batch that was sent.
    fn lose(&mut self, source: &Source, failure: &Failure) {
        let Some(spool) = &mut self.spool else { return };
        let records = spool.answered();
        self.failures = 0;
        if !std::mem::replace(&mut self.refused, true) {
            let (signal, reason) = (self.signal.name(), &failure.reason);
            tracing::warn!(signal, records, reason, "the receiver does not take a batch of the disk; it is lost");
        }
        self.note(source, 0, 0, |outcomes| outcomes.spool.lost(failure.error_type.clone(), records));
    }

    /// Leaves on the disk what is there.
    pub(super) fn close(&mut self) {
        if let Some(spool) = &mut self.spool {
            spool.close();
        }
    }

    fn back(&mut self) {
        self.away = false;
        self.pause = FIRST_PAUSE;
        self.retry_at = Instant::now();
    }

    fn wait(&mut self, again: Again) {
        let wait = match again {
            Again::After(wish) => wish.min(LONGEST_WISH),
            Again::Later | Again::NotNow | Again::Never => jittered(self.pause),
        };
        self.retry_at = Instant::now() + wait;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Notes in the ledger what has changed, and what the spool says of itself.
    fn note(&self, source: &Source, records: usize, queued_bytes: usize, change: impl FnOnce(&mut Outcomes)) {
        let Some(spool) = &self.spool else { return };
        source.settle(records, queued_bytes, |outcomes| {
            change(outcomes);
            outcomes.spool.found = spool.found;
            outcomes.spool.bytes = spool.bytes();
            for (error_type, records) in [(ledger::CORRUPT, spool.corrupt), (ledger::UNREADABLE, spool.unreadable)] {
                if records > 0 {
                    outcomes.spool.lost.insert(error_type, records);
                }
            }
        });
    }
}
