//! A process that is kept running: readiness, restart with back-off, and a notice of each change.

use super::Identity;
use super::keeper::Keeper;
use super::notice::{Notice, State};
use super::running::{Exit, Process};
use super::spec::Spec;
use crate::{Error, Result};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Says whether the process is ready; the error says what is missing, in a line.
pub type Ready = Box<dyn Fn(&Process) -> std::result::Result<(), String> + Send>;

/// What is kept running.
pub struct Plan {
    /// The name in notices.
    pub name: String,
    /// Makes the specification anew for each start, and mends what a crash left behind.
    pub spec: Box<dyn Fn() -> Result<Spec> + Send>,
    /// How its readiness is asked; without it, it is running as soon as it is started.
    pub ready: Option<Ready>,
}

/// What the keeper's thread is told.
pub(super) enum Event {
    Start,
    Stop(Sender<()>),
    Exited(u64, Exit),
    End,
}

/// What the keeper shows: the state, the process when there is one, and why it is not up.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) now: Mutex<(Option<State>, Option<Identity>, String)>,
    pub(super) changed: Condvar,
}

/// A process that is kept running until it is stopped or this is dropped.
pub struct Supervised {
    name: String,
    events: Sender<Event>,
    shown: Arc<Shown>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Supervised {
    /// Starts it. Notices are sent for as long as somebody receives them.
    pub fn start(plan: Plan, notices: impl Fn(Notice) + Send + 'static) -> Self {
        let (events, inbox) = channel();
        let shown = Arc::new(Shown::default());
        let name = plan.name.clone();
        let keeper = Keeper::new(plan, (events.clone(), inbox), Arc::clone(&shown), Box::new(notices));
        let thread = Some(std::thread::spawn(move || keeper.run()));
        Self { name, events, shown, thread }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its state and, when it runs, its process.
    #[must_use]
    pub fn now(&self) -> (State, Option<Identity>) {
        let now = self.shown.now.lock().unwrap_or_else(PoisonError::into_inner);
        (now.0.unwrap_or(State::Starting), now.1)
    }

    /// Waits until it is up; fails when it has failed for good, was stopped, or after the limit.
    pub fn await_up(&self, limit: Duration) -> Result<()> {
        let now = self.shown.now.lock().unwrap_or_else(PoisonError::into_inner);
        let undecided = |state: Option<State>| matches!(state, None | Some(State::Starting | State::Restarting));
        let waited = self.shown.changed.wait_timeout_while(now, limit, |now| undecided(now.0));
        let now = waited.unwrap_or_else(PoisonError::into_inner).0;
        match now.0 {
            Some(state) if state.is_up() => Ok(()),
            Some(State::Stopped) => Err(Error::Unusable(format!("{} was stopped", self.name))),
            Some(State::Failed) => Err(Error::Unusable(format!("{} died too often: {}", self.name, now.2))),
            _ => Err(Error::NotReady { name: self.name.clone(), seconds: limit.as_secs(), reason: now.2.clone() }),
        }
    }

    /// Starts it again after [`Supervised::stop`] or when it has failed.
    pub fn restart(&self) {
        {
            let mut now = self.shown.now.lock().unwrap_or_else(PoisonError::into_inner);
            if now.0.is_some_and(|state| matches!(state, State::Stopped | State::Failed)) {
                now.0 = Some(State::Starting);
            }
        }
        let _ = self.events.send(Event::Start);
    }

    /// Stops it and waits for its end.
    pub fn stop(&self) {
        let (done, stopped) = channel();
        if self.events.send(Event::Stop(done)).is_ok() {
            let _ = stopped.recv();
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ = self.events.send(Event::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
