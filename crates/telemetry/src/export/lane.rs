//! One signal's way out: batches as they are ready, several under way, flushes, and the end.

#[cfg(test)]
mod tests;

use std::mem;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::attempt;
use super::backlog::{Backlog, Way};
use super::failure::Failure;
use super::ledger::{self, Outcomes};
use super::pieces::Pieces;
use super::source::{Batch, Source};
use super::spool::Place;
use super::transport::{Accepted, Signal, Transport};
use crate::clock::Moment;
use crate::metrics::{Export, Exports};

/// What a lane is told.
pub(super) enum Command {
    /// Send all that there is, and say so when the receiver has answered for it.
    Flush(mpsc::Sender<()>),
    /// The same, and end, at the latest at this time.
    End(Instant, mpsc::Sender<()>),
}

/// The settings of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Longest wait between two exports.
    pub(crate) every: Duration,
    /// Exports at the same time.
    pub(crate) concurrent: usize,
    /// The longest that one attempt may take.
    pub(crate) attempt_limit: Duration,
    /// The longest that a batch is tried. Its place in the queue is what that costs, and the queue has a limit of its own.
    pub(crate) patience: Duration,
}

pub(super) struct Lane {
    pub(super) signal: Signal,
    pub(super) source: Source,
    pub(super) transport: Transport,
    pub(super) pace: Pace,
    pub(super) commands: UnboundedReceiver<Command>,
    pub(super) exports: Arc<Exports>,
    /// Where batches wait for a receiver that is away.
    pub(super) spool: Option<Place>,
}

type Answer = Result<Accepted, Failure>;

struct State<'a> {
    under_way: FuturesUnordered<LocalBoxFuture<'a, (u64, Answer)>>,
    /// What is under way, in the order in which it was taken. Its requests are there only where a disk may need them.
    batches: Vec<Batch>,
    /// The one batch of the disk that is sent.
    replay: FuturesUnordered<LocalBoxFuture<'a, Answer>>,
    flushes: Vec<(u64, mpsc::Sender<()>)>,
    /// Up to where all has to be settled before the end, and who waits for that.
    end: Option<(u64, mpsc::Sender<()>)>,
    /// Records that did not arrive, for the log.
    lost: u64,
    /// What had been lost when the receiver went away; `None` while it is there.
    away_since: Option<u64>,
}

impl Lane {
    /// Runs until it is told to end.
    pub(super) async fn run(mut self) {
        let (ending, _) = watch::channel(false);
        let mut state = State {
            under_way: FuturesUnordered::new(),
            batches: Vec::new(),
            replay: FuturesUnordered::new(),
            flushes: Vec::new(),
            end: None,
            lost: 0,
            away_since: None,
        };
        let mut ticks = interval(self.pace.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, when nothing can wait.
        ticks.tick().await;
        let mut deadline = None;
        let (signal, source, transport, pace) = (self.signal, &self.source, &self.transport, self.pace);
        let mut backlog = Backlog::open(signal, self.spool.as_ref(), source);
        loop {
            // Who finds out whether the receiver is back must not keep the others from the disk.
            while state.under_way.len() < pace.concurrent + usize::from(backlog.probing()) {
                let Some(batch) = source.take() else { break };
                state.dispatch(batch, source, &mut backlog, (transport, &self.exports), pace, &ending);
            }
            // What is on the disk can wait for the next process; what is not cannot.
            if deadline.is_none()
                && state.replay.is_empty()
                && let Some(request) = backlog.due(source)
            {
                state.replay.push(replayed(transport, request, pace.attempt_limit).boxed_local());
            }
            state.answer_flushes(source);
            // What is sent from the disk is not waited for: it is still there for the next process.
            if state.has_ended(source) {
                break;
            }
            let replay_at = backlog.next_at().filter(|_| deadline.is_none() && state.replay.is_empty());
            tokio::select! {
                Some((number, result)) = state.under_way.next(), if !state.under_way.is_empty() => {
                    state.settle(signal, source, &mut backlog, number, result);
                }
                Some(result) = state.replay.next(), if !state.replay.is_empty() => {
                    if backlog.settle(source, result) {
                        state.arrived(signal);
                    }
                }
                () = sleep_until(replay_at.unwrap_or_else(Instant::now)), if replay_at.is_some() => {}
                command = self.commands.recv(), if deadline.is_none() => match command {
                    Some(Command::Flush(done)) => state.flushes.push((source.due(), done)),
                    Some(Command::End(at, done)) => {
                        source.close();
                        state.end = Some((source.due(), done));
                        ending.send_replace(true);
                        deadline = Some(at);
                    }
                    // Nobody is left who could make a record.
                    None => {
                        source.due();
                        break;
                    }
                },
                () = source.news() => source.relieve(),
                _ = ticks.tick(), if deadline.is_none() => {
                    source.due();
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => break,
            }
        }
        state.give_up(source, backlog);
    }
}

/// One attempt with a batch of the disk: when there is another one is for the backlog to say.
async fn replayed(transport: &Transport, request: Pieces, limit: Duration) -> Answer {
    attempt::once(transport, prepared(transport, request)?, limit).await
}

fn prepared(transport: &Transport, request: Pieces) -> Result<Pieces, Failure> {
    let prepared = transport.prepare(request);
    prepared.map_err(|error| Failure::bad_answer(format!("the request cannot be compressed: {error}")))
}

impl<'a> State<'a> {
    /// To the receiver, or to the disk.
    fn dispatch(
        &mut self,
        batch: Batch,
        source: &'a Source,
        backlog: &mut Backlog,
        out: (&'a Transport, &'a Exports),
        pace: Pace,
        ending: &watch::Sender<bool>,
    ) {
        let (patience, spills) = match backlog.way(&batch, pace.patience) {
            Way::Disk if backlog.keep(source, &batch) => return,
            Way::Disk => (pace.patience, false),
            Way::Receiver(patience) => (patience, false),
            Way::Briefly(patience) => (patience, true),
        };
        let is_needed = move || spills && source.is_half_full();
        self.send(batch, backlog.keeps(), out, (Pace { patience, ..pace }, is_needed), ending.subscribe());
    }

    fn send(
        &mut self,
        mut batch: Batch,
        keeps: bool,
        (transport, exports): (&'a Transport, &'a Exports),
        (pace, is_needed): (Pace, impl Fn() -> bool + 'a),
        ending: watch::Receiver<bool>,
    ) {
        let number = batch.number;
        let request = if keeps { batch.request.clone() } else { mem::take(&mut batch.request) };
        self.batches.push(batch);
        let export = async move {
            let begun = Moment::now();
            let result = match prepared(transport, request) {
                Ok(body) => attempt::deliver(transport, body, pace, is_needed, ending).await,
                Err(failure) => Err(failure),
            };
            let error = result.as_ref().err().map(|failure| failure.error_type.clone());
            exports.took(&Export { component: transport.component(), error }, Moment::now().since(begun));
            (number, result)
        };
        self.under_way.push(export.boxed_local());
    }

    fn settle(&mut self, signal: Signal, source: &Source, backlog: &mut Backlog, number: u64, result: Answer) {
        let Some(index) = self.batches.iter().position(|batch| batch.number == number) else { return };
        let batch = self.batches.remove(index);
        let records = batch.records as u64;
        let failure = match result {
            Ok(Accepted { rejected, reason }) => {
                let rejected = rejected.min(records);
                source.settle(batch.records, batch.queued_bytes, |outcomes: &mut Outcomes| {
                    outcomes.exported(records - rejected);
                    outcomes.failed(ledger::REJECTED, rejected);
                });
                if rejected > 0 {
                    self.lost += rejected;
                    tracing::warn!(signal = signal.name(), rejected, reason, "the receiver rejected records");
                }
                backlog.told(number, None);
                return self.arrived(signal);
            }
            Err(failure) => failure,
        };
        backlog.told(number, Some(&failure));
        let (reason, first) = (&failure.reason, self.away_since.is_none());
        self.away_since.get_or_insert(self.lost);
        let signal = signal.name();
        if failure.may_pass() && backlog.keep(source, &batch) {
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
        source.settle(batch.records, batch.queued_bytes, |outcomes| outcomes.failed(failure.error_type, records));
    }

    /// Said once when it begins and once when it is over: a receiver that is away for an hour is one piece of news.
    fn arrived(&mut self, signal: Signal) {
        if let Some(lost_before) = self.away_since.take() {
            let lost = self.lost - lost_before;
            tracing::info!(signal = signal.name(), lost, "telemetry is delivered again");
        }
    }

    fn answer_flushes(&mut self, source: &Source) {
        let batches = &self.batches;
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
    fn has_ended(&self, source: &Source) -> bool {
        let up_to = self.end.as_ref().map(|(up_to, _)| *up_to);
        self.under_way.is_empty() && up_to.is_some_and(|up_to| settled(&self.batches, source, up_to))
    }

    /// What is under way or waits at the end goes to the disk, or is counted as lost: the ledger is closed.
    fn give_up(mut self, source: &Source, mut backlog: Backlog) {
        self.under_way.clear();
        self.replay.clear();
        let waits = std::iter::from_fn(|| source.take());
        for batch in self.batches.drain(..).chain(waits) {
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
fn settled(batches: &[Batch], source: &Source, up_to: u64) -> bool {
    source.taken_up_to(up_to) && batches.iter().all(|batch| batch.number > up_to)
}
