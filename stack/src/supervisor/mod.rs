//! Keeps the processes of one stack running: starts them in order, answers on the control socket, stops them in
//! order.
//!
//! The same code runs inside a `cargo stack up` that stays in the foreground and inside the process that
//! `--detach` leaves. Both are watched and steered through the control socket only.

mod bring_up;
mod control;
mod event;
mod plans;
mod record;
pub mod stop_limits;

pub use bring_up::UP_LIMIT;
pub use control::{Answer, ProcessStatus, Request, Status, read_events, short_path};
pub use event::{Event, Phase};
pub use record::Record;

use crate::config::Telemetry;
use crate::failure::Failure;
use crate::settings::Settings;
use event::EventLog;
use native::process::{Identity, Plan, Supervised};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// From the outside in: no request is cut off, and the spans of the last ones still reach the trace store.
/// Who is written to outlives who writes: the Collector ends before the backends, and Prometheus after Tempo.
pub const STOP_ORDER: [&str; 11] = [
    "gateway",
    "user-service",
    "order-service",
    "audit-service",
    "gateway-spans",
    "otel-collector",
    "tempo",
    "loki",
    "prometheus",
    "observatory",
    "postgres",
];

/// The processes of one stack.
pub struct Supervisor {
    settings: Settings,
    telemetry: Telemetry,
    events: EventLog,
    processes: Mutex<Processes>,
    own: Weak<Supervisor>,
}

struct Processes {
    phase: Phase,
    started: Vec<Arc<Supervised>>,
}

impl Processes {
    fn steerable(&self, name: &str) -> Result<Arc<Supervised>, String> {
        if matches!(self.phase, Phase::Stopping | Phase::Ended) {
            return Err("everything is being stopped".into());
        }
        self.find(name).ok_or_else(|| format!("{name} has not been started yet"))
    }

    fn find(&self, name: &str) -> Option<Arc<Supervised>> {
        self.started.iter().find(|process| process.name() == name).cloned()
    }
}

impl Supervisor {
    /// Opens the control socket and begins to start everything; how that goes is told by events.
    pub fn launch(settings: Settings, telemetry: Telemetry) -> Result<Arc<Self>, Failure> {
        let listener = control::listen(&settings.state)?;
        let supervisor = Arc::new_cyclic(|own| Self {
            settings,
            telemetry,
            events: EventLog::default(),
            processes: Mutex::new(Processes { phase: Phase::Starting, started: Vec::new() }),
            own: Weak::clone(own),
        });
        supervisor.write_record();
        control::serve(listener, &supervisor);
        let starting = Arc::clone(&supervisor);
        std::thread::spawn(move || {
            let outcome = bring_up::run(&starting);
            starting.begun(outcome);
        });
        Ok(supervisor)
    }

    /// Stops everything in order and tells that it has ended. A second call returns at once.
    pub fn stop_all(&self) {
        {
            let mut processes = self.lock();
            if matches!(processes.phase, Phase::Stopping | Phase::Ended) {
                return;
            }
            processes.phase = Phase::Stopping;
        }
        self.events.push(Event::Stopping);
        for name in STOP_ORDER {
            if let Some(process) = self.find(name) {
                process.stop();
            }
        }
        // Dropping ends their threads; nothing can start them again.
        let ended = std::mem::take(&mut self.lock().started);
        drop(ended);
        control::close(&self.settings.state);
        Record::remove(&self.settings.state);
        self.lock().phase = Phase::Ended;
        self.events.push(Event::Ended);
    }

    /// Waits until everything has ended.
    pub fn await_end(&self) {
        let mut seen = 0;
        loop {
            let (events, next) = self.events.after(seen);
            if events.iter().any(|event| matches!(event, Event::Ended)) {
                return;
            }
            seen = next;
        }
    }

    /// Calls `each` with every event from the first on, until it says that it has enough or all has ended.
    pub fn watch(&self, mut each: impl FnMut(&Event) -> bool) {
        let mut seen = 0;
        loop {
            let (events, next) = self.events.after(seen);
            seen = next;
            for event in &events {
                if !each(event) || matches!(event, Event::Ended) {
                    return;
                }
            }
        }
    }

    /// What `cargo stack status` shows.
    pub fn status(&self) -> Status {
        let (phase, started) = {
            let processes = self.lock();
            (processes.phase, processes.started.clone())
        };
        let process = |supervised: &Arc<Supervised>| {
            let (state, identity) = supervised.now();
            ProcessStatus {
                name: supervised.name().to_owned(),
                pid: identity.map(|identity| identity.pid),
                url: plans::url(&self.settings.ports, supervised.name()),
                state: state.as_str().to_owned(),
            }
        };
        Status {
            phase,
            supervisor_pid: std::process::id(),
            settings: self.settings.clone(),
            elsewhere: self.telemetry.elsewhere.clone(),
            samples_all: self.telemetry.samples_all(),
            samples_none: self.telemetry.samples_none(),
            processes: started.iter().map(process).collect(),
        }
    }

    /// A process that may be stopped and started, or why not.
    pub fn steerable(&self, name: &str) -> Result<Arc<Supervised>, String> {
        self.lock().steerable(name)
    }

    /// Starts a process again that is stopped or has failed; says which, or why not.
    pub fn restart(&self, name: &str) -> Result<Arc<Supervised>, String> {
        // Under the lock, so that it is either before the stop of everything, which then stops it too, or refused.
        let processes = self.lock();
        let process = processes.steerable(name)?;
        process.restart();
        Ok(process)
    }

    /// A process by its name, when it has been started.
    fn find(&self, name: &str) -> Option<Arc<Supervised>> {
        self.lock().find(name)
    }

    /// Adds a process, unless everything is being stopped.
    fn add(&self, plan: Plan) -> Result<Arc<Supervised>, Failure> {
        let mut processes = self.lock();
        if processes.phase != Phase::Starting {
            return Err(Failure::failed("stopped while starting"));
        }
        let own = Weak::clone(&self.own);
        let process = Arc::new(Supervised::start(plan, move |notice| {
            if let Some(supervisor) = own.upgrade() {
                supervisor.events.push(Event::from_notice(notice));
                supervisor.write_record();
            }
        }));
        processes.started.push(Arc::clone(&process));
        Ok(process)
    }

    fn begun(&self, outcome: Result<(), Failure>) {
        let mut processes = self.lock();
        if processes.phase != Phase::Starting {
            return;
        }
        let (phase, event) = match outcome {
            Ok(()) => (Phase::Ready, Event::Ready),
            Err(failure) => (Phase::Failed, Event::Failed { reason: failure.message }),
        };
        processes.phase = phase;
        drop(processes);
        self.events.push(event);
    }

    /// Keeps what `down` needs when nobody answers on the socket any more.
    fn write_record(&self) {
        let processes = self.lock();
        if processes.phase == Phase::Ended {
            return;
        }
        let running = processes.started.iter();
        let running = running.filter_map(|process| Some((process.name().to_owned(), process.now().1?)));
        // A record that cannot be written makes `down` less able, not the stack.
        let _ = Record::write(&self.settings.state, Identity::of(std::process::id()), running);
    }

    fn lock(&self) -> MutexGuard<'_, Processes> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is one of the processes of a stack.
pub fn is_process(name: &str) -> bool {
    STOP_ORDER.contains(&name)
}

/// Makes the directories of a stack.
pub fn make_directories(state: &Path) -> Result<(), Failure> {
    for directory in [state.to_path_buf(), crate::settings::logs(state)] {
        native::state::create(&directory)?;
    }
    Ok(())
}
