//! One signal's way out: batches as they are ready, several under way, flushes, and the end.

mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::backlog::Backlog;
use super::source::Source;
use super::spool::Place;
use super::transport::{Signal, Transport};
use crate::metrics::Exports;
use state::{Out, State};

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

impl Lane {
    /// Runs until it is told to end.
    pub(super) async fn run(mut self) {
        let out = Out { source: &self.source, transport: &self.transport, exports: &self.exports, pace: self.pace };
        let (source, pace, mut state) = (out.source, out.pace, State::new(self.signal, out));
        let mut ticks = interval(self.pace.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, when nothing can wait.
        ticks.tick().await;
        let mut deadline = None;
        let mut backlog = Backlog::open(self.signal, self.spool.as_ref(), source);
        loop {
            // Who finds out whether the receiver is back must not keep the others from the disk.
            while state.under_way.len() < pace.concurrent + usize::from(backlog.probing()) {
                let Some(batch) = source.take() else { break };
                state.dispatch(batch, &mut backlog);
            }
            // What is on the disk can wait for the next process; what is not cannot.
            if deadline.is_none()
                && state.replay.is_empty()
                && let Some(request) = backlog.due(source)
            {
                state.replay(request);
            }
            state.answer_flushes();
            // What is sent from the disk is not waited for: it is still there for the next process.
            if state.has_ended() {
                break;
            }
            let replay_at = backlog.next_at().filter(|_| deadline.is_none() && state.replay.is_empty());
            tokio::select! {
                Some((number, result)) = state.under_way.next(), if !state.under_way.is_empty() => {
                    state.settle(&mut backlog, number, result);
                }
                Some(result) = state.replay.next(), if !state.replay.is_empty() => {
                    if backlog.settle(source, result) {
                        state.arrived();
                    }
                }
                () = sleep_until(replay_at.unwrap_or_else(Instant::now)), if replay_at.is_some() => {}
                command = self.commands.recv(), if deadline.is_none() => match command {
                    Some(Command::Flush(done)) => state.flushes.push((source.due(), done)),
                    Some(Command::End(at, done)) => {
                        source.close();
                        state.end = Some((source.due(), done));
                        state.ending.send_replace(true);
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
        state.give_up(backlog);
    }
}
