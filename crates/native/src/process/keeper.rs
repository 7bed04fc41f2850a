//! The life of a supervised process: start, readiness, death, back-off, start again.

use super::Identity;
use super::backoff::Backoff;
use super::notice::{Notice, NoticeKind, State};
use super::running::Process;
use super::supervised::{Event, Plan, Shown};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How often a process that is not ready is asked again: a start takes tenths of a second.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How often somebody who waits hears that a process is still not ready.
const SAY_EVERY: Duration = Duration::from_secs(2);

/// The thread behind a [`super::Supervised`].
pub(super) struct Keeper {
    plan: Plan,
    events: Sender<Event>,
    inbox: Receiver<Event>,
    shown: Arc<Shown>,
    notices: Box<dyn Fn(Notice) + Send>,
    backoff: Backoff,
    generation: u64,
}

/// What the keeper does next.
enum Next {
    Start,
    After(Duration),
    Rest(State),
    End,
}

impl Keeper {
    pub(super) fn new(
        plan: Plan,
        (events, inbox): (Sender<Event>, Receiver<Event>),
        shown: Arc<Shown>,
        notices: Box<dyn Fn(Notice) + Send>,
    ) -> Self {
        Self { plan, events, inbox, shown, notices, backoff: Backoff::default(), generation: 0 }
    }

    /// Keeps the process running until it is told to end.
    pub(super) fn run(mut self) {
        let mut next = Next::Start;
        loop {
            next = match next {
                Next::Start => self.run_once(),
                Next::After(delay) => self.rest(State::Restarting, Some(Instant::now() + delay)),
                Next::Rest(state) => self.rest(state, None),
                Next::End => return,
            };
        }
    }

    fn run_once(&mut self) -> Next {
        self.show(State::Starting, None, "it is being started");
        self.generation += 1;
        let (generation, events, begun) = (self.generation, self.events.clone(), Instant::now());
        let started = (self.plan.spec)().and_then(|spec| {
            Process::start_and_tell(spec, move |exit| drop(events.send(Event::Exited(generation, exit))))
        });
        let process = match started {
            Ok(process) => process,
            Err(error) => return self.died(error.to_string(), Vec::new(), Duration::ZERO),
        };
        self.show(State::Starting, Some(process.identity()), "it was started");
        self.tell(NoticeKind::Started(process.pid()));
        self.attend(&process, begun)
    }

    /// Stays with a running process until it ends or is to be stopped.
    fn attend(&mut self, process: &Process, begun: Instant) -> Next {
        let (mut up, mut said) = (false, begun);
        loop {
            if !up {
                match self.plan.ready.as_ref().map_or(Ok(()), |ready| ready(process)) {
                    Ok(()) => {
                        up = true;
                        self.backoff.up();
                        let state = if self.plan.ready.is_some() { State::Ready } else { State::Running };
                        self.show(state, Some(process.identity()), "");
                        self.tell(NoticeKind::Up(begun.elapsed()));
                    }
                    Err(reason) => {
                        self.show(State::Starting, Some(process.identity()), &reason);
                        if said.elapsed() >= SAY_EVERY {
                            said = Instant::now();
                            self.tell(NoticeKind::Waiting(begun.elapsed(), reason));
                        }
                    }
                }
            }
            match self.next_event((!up).then(|| Instant::now() + ASK_EVERY)) {
                Some(Event::Exited(generation, exit)) if generation == self.generation => {
                    return self.died(exit.to_string(), process.last_lines(), begun.elapsed());
                }
                Some(Event::Stop(done)) => {
                    process.stop();
                    return self.stopped(&done);
                }
                Some(Event::End) => {
                    process.stop();
                    return Next::End;
                }
                Some(Event::Start | Event::Exited(..)) | None => {}
            }
        }
    }

    /// Waits for a delay, or without one for a request.
    fn rest(&mut self, state: State, until: Option<Instant>) -> Next {
        loop {
            match self.next_event(until) {
                Some(Event::Start) => {
                    self.backoff.reset();
                    return Next::Start;
                }
                Some(Event::Stop(done)) => return self.stopped(&done),
                Some(Event::End) => return Next::End,
                Some(Event::Exited(..)) => {}
                None if state == State::Restarting => return Next::Start,
                None => return Next::End,
            }
        }
    }

    fn stopped(&mut self, done: &Sender<()>) -> Next {
        self.backoff.reset();
        self.show(State::Stopped, None, "it was stopped");
        self.tell(NoticeKind::Stopped);
        let _ = done.send(());
        Next::Rest(State::Stopped)
    }

    fn died(&mut self, reason: String, last_lines: Vec<String>, ran: Duration) -> Next {
        let restart_in = self.backoff.after_death(ran);
        let (state, next) = restart_in
            .map_or((State::Failed, Next::Rest(State::Failed)), |delay| (State::Restarting, Next::After(delay)));
        self.show(state, None, &reason);
        self.tell(NoticeKind::Died { reason, last_lines, restart_in });
        next
    }

    /// The next event; `None` at the deadline, or when nobody can send any more.
    fn next_event(&self, deadline: Option<Instant>) -> Option<Event> {
        let Some(deadline) = deadline else { return self.inbox.recv().ok() };
        self.inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }

    fn show(&self, state: State, process: Option<Identity>, reason: &str) {
        *self.shown.now.lock().unwrap_or_else(PoisonError::into_inner) = (Some(state), process, reason.into());
        self.shown.changed.notify_all();
    }

    fn tell(&self, kind: NoticeKind) {
        (self.notices)(Notice { name: self.plan.name.clone(), kind });
    }
}
