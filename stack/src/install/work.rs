//! A command that takes minutes: what it does is told while it runs, and it can be interrupted.

use crate::failure::{Failure, INTERRUPTED};
use crate::terminal::Terminal;
use indicatif::ProgressBar;
use native::process::{Exit, Process, Signal, Spec};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Quick enough to look alive, and to end on Ctrl-C.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Where no line can change: often enough to tell a build that works from one that hangs.
const SAY_EVERY: Duration = Duration::from_secs(30);
/// Go ends on SIGTERM at once; what it has started is killed with it.
const STOP: [(Signal, Duration); 1] = [(Signal::SIGTERM, Duration::from_secs(2))];
/// More of a line is cut off: a module's path and version are shorter.
const SHOWN_CHARACTERS: usize = 70;

/// Where it is told, and who interrupts it.
pub struct Work<'a> {
    /// For lines, and for the one that changes.
    pub terminal: &'a Terminal,
    /// Whether nothing but a changing line is wanted.
    pub silent: bool,
    /// Set when it is to be ended.
    pub interrupted: &'a AtomicBool,
    /// Where the whole output goes.
    pub log: PathBuf,
    /// Since when the program is being built.
    pub begun: Instant,
}

impl Work<'_> {
    /// Runs a command to its end; fails when it does, with the last lines that it wrote.
    pub fn run(&self, doing: &str, mut spec: Spec) -> Result<(), Failure> {
        if self.is_interrupted() {
            return Err(interruption());
        }
        spec.stop = STOP.into();
        spec.log = Some(self.log.clone());
        let name = spec.name.clone();
        let spinner = self.terminal.spinner();
        self.say(&spinner, doing);
        let process = Process::start(spec)?;
        let mut said = Instant::now();
        loop {
            if let Some(exit) = process.await_exit(LOOK_EVERY) {
                spinner.finish_and_clear();
                return if exit == Exit::Code(0) { Ok(()) } else { Err(self.failure(&name, exit, &process)) };
            }
            if self.is_interrupted() {
                process.stop();
                spinner.finish_and_clear();
                return Err(interruption());
            }
            let last = process.last_lines().pop().unwrap_or_default();
            let now = format!("{doing}, {} s  {}", self.begun.elapsed().as_secs(), shortened(&last));
            if !spinner.is_hidden() {
                spinner.set_message(now);
            } else if said.elapsed() >= SAY_EVERY {
                said = Instant::now();
                self.say(&spinner, &now);
            }
        }
    }

    fn say(&self, spinner: &ProgressBar, text: &str) {
        spinner.set_message(text.to_owned());
        if spinner.is_hidden() && !self.silent {
            self.terminal.step(text.trim_end());
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn failure(&self, name: &str, exit: Exit, process: &Process) -> Failure {
        let lines = process.last_lines().join("\n   ");
        Failure::failed(format!("{name} ended with {exit}; all it wrote is in {}\n   {lines}", self.log.display()))
    }
}

/// Why it ends on Ctrl-C.
pub fn interruption() -> Failure {
    Failure { code: INTERRUPTED, message: "interrupted; nothing half is left".into() }
}

fn shortened(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(SHOWN_CHARACTERS).collect()
}
