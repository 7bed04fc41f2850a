//! One signal's way out: batches as they are ready, several under way, flushes, and the end.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::attempt;
use super::failure::Failure;
use super::ledger::{self, Outcomes};
use super::source::{Batch, Source};
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
}

/// What is left of a batch once it is sent.
struct Sent {
    number: u64,
    records: usize,
    queued_bytes: usize,
}

struct State<'a> {
    under_way: FuturesUnordered<LocalBoxFuture<'a, (Sent, Result<Accepted, Failure>)>>,
    numbers: Vec<(u64, usize, usize)>,
    flushes: Vec<(u64, mpsc::Sender<()>)>,
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
            numbers: Vec::new(),
            flushes: Vec::new(),
            lost: 0,
            away_since: None,
        };
        let mut ticks = interval(self.pace.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, when nothing can wait.
        ticks.tick().await;
        let mut deadline = None;
        let (source, transport, pace, exports) = (&self.source, &self.transport, self.pace, &*self.exports);
        loop {
            while state.under_way.len() < pace.concurrent {
                let Some(batch) = source.take() else { break };
                state.send(batch, (transport, exports), pace, ending.subscribe());
            }
            state.answer_flushes(source);
            if deadline.is_some() && state.under_way.is_empty() && state.flushes.is_empty() {
                break;
            }
            tokio::select! {
                Some((sent, result)) = state.under_way.next(), if !state.under_way.is_empty() => {
                    state.settle(self.signal, source, &sent, result);
                }
                command = self.commands.recv(), if deadline.is_none() => match command {
                    Some(Command::Flush(done)) => state.flushes.push((source.due(), done)),
                    Some(Command::End(at, done)) => {
                        source.close();
                        state.flushes.push((source.due(), done));
                        ending.send_replace(true);
                        deadline = Some(at);
                    }
                    // Nobody is left who could make a record.
                    None => break,
                },
                () = source.news() => {}
                _ = ticks.tick(), if deadline.is_none() => {
                    source.due();
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => break,
            }
        }
        state.give_up(source);
    }
}

impl<'a> State<'a> {
    fn send(
        &mut self,
        batch: Batch,
        (transport, exports): (&'a Transport, &'a Exports),
        pace: Pace,
        ending: watch::Receiver<bool>,
    ) {
        let Batch { number, records, queued_bytes, request } = batch;
        self.numbers.push((number, records, queued_bytes));
        let sent = Sent { number, records, queued_bytes };
        let export = async move {
            let begun = Moment::now();
            let result = match transport.prepare(request) {
                Ok(body) => attempt::deliver(transport, body, pace, ending).await,
                Err(error) => Err(Failure::bad_answer(format!("the request cannot be compressed: {error}"))),
            };
            let error = result.as_ref().err().map(|failure| failure.error_type.clone());
            exports.took(&Export { component: transport.component(), error }, Moment::now().since(begun));
            (sent, result)
        };
        self.under_way.push(export.boxed_local());
    }

    fn settle(&mut self, signal: Signal, source: &Source, sent: &Sent, result: Result<Accepted, Failure>) {
        self.numbers.retain(|(number, ..)| *number != sent.number);
        let records = sent.records as u64;
        match result {
            Ok(Accepted { rejected, reason }) => {
                let rejected = rejected.min(records);
                source.settle(sent.records, sent.queued_bytes, |outcomes: &mut Outcomes| {
                    outcomes.exported(records - rejected);
                    outcomes.failed(ledger::REJECTED, rejected);
                });
                if rejected > 0 {
                    self.lost += rejected;
                    tracing::warn!(signal = signal.name(), rejected, reason, "the receiver rejected records");
                }
                // Said once when it begins and once when it is over: a receiver that is away for an hour is one piece of news.
                if let Some(lost_before) = self.away_since.take() {
                    let lost = self.lost - lost_before;
                    tracing::info!(signal = signal.name(), lost, "telemetry is delivered again");
                }
            }
            Err(failure) => {
                if self.away_since.is_none() {
                    self.away_since = Some(self.lost);
                    let reason = &failure.reason;
                    tracing::warn!(
                        signal = signal.name(),
                        records,
                        reason,
                        "telemetry cannot be delivered; it is lost until the receiver is back"
                    );
                }
                self.lost += records;
                source.settle(sent.records, sent.queued_bytes, |outcomes| outcomes.failed(failure.error_type, records));
            }
        }
    }

    fn answer_flushes(&mut self, source: &Source) {
        let numbers = &self.numbers;
        self.flushes.retain(|(up_to, done)| {
            let under_way = numbers.iter().any(|(number, ..)| number <= up_to);
            if under_way || !source.taken_up_to(*up_to) {
                return true;
            }
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
            false
        });
    }

    /// What is under way or waits at the end is counted as lost, so that the ledger is closed.
    fn give_up(mut self, source: &Source) {
        self.under_way.clear();
        for (_, records, queued_bytes) in self.numbers.drain(..) {
            source.settle(records, queued_bytes, |outcomes| outcomes.failed(ledger::SHUTDOWN, records as u64));
        }
        while let Some(batch) = source.take() {
            source.settle(batch.records, batch.queued_bytes, |outcomes| {
                outcomes.failed(ledger::SHUTDOWN, batch.records as u64);
            });
        }
        for (_, done) in self.flushes {
            let _ = done.send(());
        }
    }
}
