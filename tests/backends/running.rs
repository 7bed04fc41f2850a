//! A backend that runs, is killed, and is started again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use native::process::{Plan, Process, Signal};

/// How long a backend may take to get ready; Tempo and Loki take a second or two.
const READY_LIMIT: Duration = Duration::from_secs(90);
/// Between two looks whether it is ready.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// SIGKILL takes effect at once.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// A backend's process; it ends with this.
pub struct Running {
    name: String,
    // Behind a lock only because a plan is not `Sync`, and what tests share has to be.
    plan: Mutex<Plan>,
    process: Option<Process>,
}

impl Running {
    /// Starts it and waits until it is ready. The error has its last lines.
    pub fn start(plan: Plan) -> Result<Self, String> {
        let mut running = Self { name: plan.name.clone(), plan: Mutex::new(plan), process: None };
        running.again()?;
        Ok(running)
    }

    /// Starts it once more, after it was stopped or killed.
    pub fn again(&mut self) -> Result<(), String> {
        let plan = self.plan.get_mut().unwrap_or_else(PoisonError::into_inner);
        let spec = (plan.spec)().map_err(|error| error.to_string())?;
        let process = Process::start(spec).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        let mut reason = String::new();
        while begun.elapsed() < READY_LIMIT {
            if let Some(exit) = process.await_exit(LOOK_EVERY) {
                return Err(format!("{} ended with {exit}: {:#?}", self.name, process.last_lines()));
            }
            match plan.ready.as_ref().map_or(Ok(()), |ready| ready(&process)) {
                Ok(()) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Err(why) => reason = why,
            }
        }
        Err(format!("{} is not ready ({reason}): {:#?}", self.name, process.last_lines()))
    }

    /// Ends it as its supervisor would.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.stop();
        }
    }

    /// Ends it without a word.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.signal(Signal::SIGKILL);
            process.await_exit(KILL_LIMIT).expect("it is gone");
        }
    }

    /// Whether it has not ended by itself.
    pub fn is_alive(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.exited().is_none())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(process) = &self.process
        {
            eprintln!("the last lines of {}: {:#?}", self.name, process.last_lines());
        }
        // Nothing of a test is kept.
        self.kill();
    }
}
