//! What a lane has under way: where each batch goes, what comes of it, and who waits for that.

use std::mem;
use std::sync::mpsc;
use std::time::Duration;

use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use super::Pace;
use crate::clock::Moment;
use crate::export::attempt;
use crate::export::backlog::{Backlog, Way};
use crate::export::failure::{Again, Failure};
use crate::export::ledger::{self, Outcomes};
use crate::export::pieces::Pieces;
use crate::export::source::{Batch, Source};
use crate::export::transport::{Accepted, Signal, Transport};
use crate::metrics::{Export, Exports};

/// What came of an attempt.
pub(super) type Answer = Result<Accepted, Failure>;

/// How a lane sends.
#[derive(Clone, Copy)]
pub(super) struct Out<'a> {
    pub(super) source: &'a Source,
    pub(super) transport: &'a Transport,
    pub(super) exports: &'a Exports,
    pub(super) pace: Pace,
}

/// A batch that has been taken and is not answered for. Its request is there only where a disk may need it.
struct Taken {
    batch: Batch,
    /// It is given up early, because the disk has room for it.
    briefly: bool,
}

/// What is under way, and who waits for it.
pub(super) struct State<'a> {
    pub(super) signal: Signal,
    pub(super) out: Out<'a>,
    /// Turns true when the process ends.
    pub(super) ending: watch::Sender<bool>,
    pub(super) under_way: FuturesUnordered<LocalBoxFuture<'a, (u64, Answer)>>,
    /// What is under way, in the order in which it was sent.
    batches: Vec<Taken>,
    /// The one batch of the disk that is sent.
    pub(super) replay: FuturesUnordered<LocalBoxFuture<'a, Answer>>,
    pub(super) flushes: Vec<(u64, mpsc::Sender<()>)>,
    /// Up to where all has to be settled before the end, and who waits for that.
    pub(super) end: Option<(u64, mpsc::Sender<()>)>,
    /// Records that did not arrive, for the log.
    lost: u64,
    /// What had been lost when the receiver went away; `None` while it is there.
    away_since: Option<u64>,
}

impl<'a> State<'a> {
    pub(super) fn new(signal: Signal, out: Out<'a>) -> Self {
        Self {
            signal,
            out,
            ending: watch::channel(false).0,
            under_way: FuturesUnordered::new(),
            batches: Vec::new(),
            replay: FuturesUnordered::new(),
            flushes: Vec::new(),
            end: None,
            lost: 0,
            away_since: None,
        }
    }

    /// To the receiver, or to the disk.
    pub(super) fn dispatch(&mut self, batch: Batch, backlog: &mut Backlog) {
        let patience = self.out.pace.patience;
        let (patience, briefly) = match backlog.way(&batch, patience) {
            Way::Disk if backlog.keep(self.out.source, &batch) => return,
            Way::Disk => (patience, false),
            Way::Receiver(patience) => (patience, false),
            Way::Briefly(patience) => (patience, true),
        };
        self.send(Taken { batch, briefly }, backlog.keeps(), patience, None);
    }

    fn send(&mut self, mut taken: Taken, keeps: bool, patience: Duration, failed: Option<Failure>) {
        let Out { source, transport, exports, pace } = self.out;
        let (pace, ending) = (Pace { patience, ..pace }, self.ending.subscribe());
        let Taken { batch, briefly } = &mut taken;
        let (number, records, bytes, briefly) = (batch.number, batch.records, batch.queued_bytes, *briefly);
        let request = if keeps { batch.request.clone() } else { mem::take(&mut batch.request) };
        self.batches.push(taken);
        let export = async move {
            let begun = Moment::now();
            let is_needed = || briefly && source.is_half_full_beside(records, bytes);
            let result = match prepared(transport, request) {
                Ok(body) => attempt::deliver(transport, body, pace, is_needed, failed, ending).await,
                Err(failure) => Err(failure),
            };
            let error = result.as_ref().err().map(|failure| failure.error_type.clone());
            exports.took(&Export { component: transport.component(), error }, Moment::now().since(begun));
            (number, result)
        };
        self.under_way.push(export.boxed_local());
    }

    /// Sends one batch of the disk: when there is another one is for the backlog to say.
    pub(super) fn replay(&mut self, request: Pieces) {
        let Out { transport, pace, .. } = self.out;
        let replayed = async move { attempt::once(transport, prepared(transport, request)?, pace.attempt_limit).await };
        self.replay.push(replayed.boxed_local());
    }

    /// Notes what came of a batch.
    pub(super) fn settle(&mut self, backlog: &mut Backlog, number: u64, result: Answer) {
        let Some(index) = self.batches.iter().position(|taken| taken.batch.number == number) else { return };
        let taken = self.batches.remove(index);
        let (source, records) = (self.out.source, taken.batch.records as u64);
        let failure = match result {
            Ok(accepted) => {
                backlog.told(number, None);
                return self.accepted(&taken.batch, accepted);
            }
            Err(failure) => failure,
        };
        backlog.told(number, Some(&failure));
        let kept = failure.may_pass() && backlog.keep(source, &taken.batch);
        let may_be_tried = matches!(failure.again, Again::Later | Again::After(_));
        if !kept && taken.briefly && may_be_tried {
            // The disk was to have it, and has no room any more, or cannot be written: it is tried as without one.
            let taken = Taken { briefly: false, ..taken };
            return self.send(taken, backlog.keeps(), self.out.pace.patience, Some(failure));
        }
        let (reason, first, signal) = (&failure.reason, self.away_since.is_none(), self.signal.name());
        self.away_since.get_or_insert(self.lost);
        if kept {
            if first {
                tracing::warn!(signal, records, reason, "telemetry cannot be delivered; it is kept on the disk");
            }
            return;
        }
        if first {
            tracing::warn!(
                signal,
                records,
                reason,
                "telemetry cannot be delivered; it is lost until the receiver is back"
            );
        }
        self.lost += records;
        let Batch { records: place, queued_bytes, .. } = taken.batch;
        source.settle(place, queued_bytes, |outcomes| outcomes.failed(failure.error_type, records));
    }

    fn accepted(&mut self, batch: &Batch, Accepted { rejected, reason }: Accepted) {
        let (signal, records) = (self.signal.name(), batch.records as u64);
        let rejected = rejected.min(records);
        self.out.source.settle(batch.records, batch.queued_bytes, |outcomes: &mut Outcomes| {
            outcomes.exported(records - rejected);
            outcomes.failed(ledger::REJECTED, rejected);
        });
        if rejected > 0 {
            self.lost += rejected;
            tracing::warn!(signal, rejected, reason, "the receiver rejected records");
        }
        self.arrived();
    }

    /// Said once when it begins and once when it is over: a receiver that is away for an hour is one piece of news.
    pub(super) fn arrived(&mut self) {
        if let Some(lost_before) = self.away_since.take() {
            let lost = self.lost - lost_before;
            tracing::info!(signal = self.signal.name(), lost, "telemetry is delivered again");
        }
    }

    pub(super) fn answer_flushes(&mut self) {
        let (batches, source) = (&self.batches, self.out.source);
        self.flushes.retain(|(up_to, done)| {
            if !settled(batches, source, *up_to) {
                return true;
            }
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
            false
        });
    }

    /// Whether the end is asked for, and nothing is left to wait for.
    pub(super) fn has_ended(&self) -> bool {
        let up_to = self.end.as_ref().map(|(up_to, _)| *up_to);
        self.under_way.is_empty() && up_to.is_some_and(|up_to| settled(&self.batches, self.out.source, up_to))
    }

    /// What is under way or waits at the end goes to the disk, or is counted as lost: the ledger is closed.
    pub(super) fn give_up(mut self, mut backlog: Backlog) {
        let source = self.out.source;
        self.under_way.clear();
        self.replay.clear();
        let waits = std::iter::from_fn(|| source.take());
        let taken = self.batches.drain(..).map(|taken| taken.batch);
        for batch in taken.chain(waits) {
            if !backlog.keep(source, &batch) {
                let records = batch.records as u64;
                source.settle(batch.records, batch.queued_bytes, |outcomes| outcomes.failed(ledger::SHUTDOWN, records));
            }
        }
        backlog.close();
        drop(backlog);
        // Only now: whoever waits for the end waits for the disk as well, and for no longer than for all else.
        for (_, done) in self.flushes.into_iter().chain(self.end) {
            let _ = done.send(());
        }
    }
}

/// Whether nothing up to this number waits, or is under way.
fn settled(batches: &[Taken], source: &Source, up_to: u64) -> bool {
    source.taken_up_to(up_to) && batches.iter().all(|taken| taken.batch.number > up_to)
}

fn prepared(transport: &Transport, request: Pieces) -> Result<Pieces, Failure> {
    let prepared = transport.prepare(request);
    prepared.map_err(|error| Failure::bad_answer(format!("the request cannot be compressed: {error}")))
}
