//! How telemetry leaves the process.
//!
//! Records are encoded as OTLP where they are made, wait in a bounded [`queue`], and are sent by one thread with
//! a runtime of its own: it works under every runtime of the program, and also while that runtime is blocked or gone.
//! What becomes of each record is in the [`ledger`].

mod attempt;
mod backlog;
mod console;
mod failure;
mod lane;
pub(crate) mod ledger;
mod observed;
mod pieces;
pub(crate) mod queue;
pub(crate) mod request;
pub(crate) mod scope;
pub(crate) mod shard;
pub(crate) mod source;
mod spare;
#[doc(hidden)]
pub mod spool;
#[cfg(test)]
mod tests;
pub(crate) mod transport;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::config::SignalConfig;
use crate::metrics::Exports;
pub(crate) use lane::Pace;
use lane::{Command, Lane};
pub(crate) use observed::Exporters;
pub(crate) use source::{Readout, Source};
pub(crate) use spool::Place;
pub use transport::TransportError;
pub(crate) use transport::{Signal, Transport};

/// The name of the thread; the kernel cuts names after 15 bytes.
const THREAD_NAME: &str = "telemetry";
/// Lookups of names at the same time, each in a thread of its own: one a signal, and one more.
const LOOKUPS: usize = 4;
/// How much longer than its lanes' limit the thread's end is waited for: it has to notice, and to put on the disk what is left,
/// on a machine that may be busy. Who stops a process gives it 10 s mostly.
const NOTICE: Duration = Duration::from_secs(2);

/// One signal, ready to be sent.
pub(crate) struct Outlet {
    signal: Signal,
    source: Source,
    transport: Transport,
    pace: Pace,
    spool: Option<Place>,
}

impl Outlet {
    pub(crate) fn new(
        signal: Signal,
        config: &SignalConfig,
        source: Source,
        pace: Pace,
    ) -> Result<Self, TransportError> {
        Ok(Self { signal, source, transport: Transport::new(signal, config)?, pace, spool: None })
    }

    /// The same, with a place for what cannot be delivered.
    pub(crate) fn with_spool(self, spool: Option<Place>) -> Self {
        Self { spool, ..self }
    }
}

/// The thread that sends.
pub(crate) struct Exporter {
    lanes: Vec<UnboundedSender<Command>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Exporter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Exporter").field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

impl Exporter {
    /// Starts the thread. No receiver has to be there. How long exports take is counted in `exports`.
    pub(crate) fn start(outlets: Vec<Outlet>, exports: &Arc<Exports>) -> std::io::Result<Self> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.max_blocking_threads(LOOKUPS).enable_all().build()?;
        let mut senders = Vec::new();
        let mut lanes = Vec::new();
        for Outlet { signal, source, transport, pace, spool } in outlets {
            let (sender, commands) = unbounded_channel();
            senders.push(sender);
            let exports = Arc::clone(exports);
            lanes.push(Lane { signal, source, transport, pace, commands, exports, spool });
        }
        let work = move || {
            runtime.block_on(async {
                futures_util::future::join_all(lanes.into_iter().map(Lane::run)).await;
            });
            // Connections' tasks need not be waited for: every answer that counts is here.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(work)?;
        Ok(Self { lanes: senders, thread: Mutex::new(Some(thread)) })
    }

    /// Sends all that has ended so far, and waits for the answers. Blocks; not for an async task.
    ///
    /// # Errors
    /// When there are no answers within `limit`.
    pub(crate) fn flush(&self, limit: Duration) -> Result<(), NoAnswer> {
        if self.thread.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Ok(());
        }
        self.tell(limit, Command::Flush)
    }

    /// As [`Self::flush`], and ends the thread, within `limit`.
    ///
    /// # Returns
    /// `None` where it has ended before.
    pub(crate) fn end(&self, limit: Duration) -> Option<Result<(), NoAnswer>> {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let deadline = tokio::time::Instant::now() + limit;
        let told = self.tell(limit + NOTICE, |done| Command::End(deadline, done));
        if told.is_ok() {
            // It has given its last answer, and has nothing left that could take long.
            let _ = thread.join();
        }
        Some(told)
    }

    fn tell(&self, limit: Duration, command: impl Fn(mpsc::Sender<()>) -> Command) -> Result<(), NoAnswer> {
        let (done, answers) = mpsc::channel();
        for lane in &self.lanes {
            // A lane that is gone before its end has panicked, and answers for nothing any longer.
            lane.send(command(done.clone())).map_err(|_| NoAnswer(limit))?;
        }
        drop(done);
        let deadline = Instant::now() + limit;
        for _ in &self.lanes {
            let left = deadline.saturating_duration_since(Instant::now());
            answers.recv_timeout(left).map_err(|_| NoAnswer(limit))?;
        }
        Ok(())
    }
}

/// What was sent has not been answered for in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the receiver did not answer for everything within {0:?}")]
pub struct NoAnswer(Duration);
