//! A running child: its end, its last lines, and how it is stopped.

use super::identity::{Identity, pid};
use super::log::{LOG_BYTES, LastLines, Rotated, pump};
use super::spawn::spawn;
use super::spec::Spec;
use crate::Result;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// SIGKILL takes effect at once; it is sent again for a process that is held up in the kernel.
const KILL_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => {
                let name = Signal::try_from(*number).map_or("an unknown signal", Signal::as_str);
                write!(f, "signal {number} ({name})")
            }
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or_default()), Self::Code)
    }
}

/// A child in a process group of its own. Dropping it stops it.
pub struct Process {
    spec: Spec,
    identity: Identity,
    ending: Arc<Ending>,
    last_lines: LastLines,
    waiter: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Ending {
    exit: Mutex<Option<Exit>>,
    ended: Condvar,
}

impl Process {
    /// Starts it.
    pub fn start(spec: Spec) -> Result<Self> {
        Self::start_and_tell(spec, |_| {})
    }

    /// Starts it; `on_exit` is called once, from another thread, as soon as it has ended.
    pub fn start_and_tell(spec: Spec, on_exit: impl FnOnce(Exit) + Send + 'static) -> Result<Self> {
        let log = spec.log.as_deref().map(|path| Rotated::open(path, LOG_BYTES)).transpose()?;
        let (child, output) = spawn(&spec)?;
        let last_lines = LastLines::default();
        let reader = {
            let last_lines = last_lines.clone();
            std::thread::spawn(move || pump(output, log, &last_lines))
        };
        let ending = Arc::new(Ending::default());
        // It is our child and not waited for yet, so the pid is its own even if it has ended.
        let identity = Identity::of(child.id()).unwrap_or(Identity { pid: child.id(), started_ticks: 0 });
        let waiter = {
            let ending = Arc::clone(&ending);
            std::thread::spawn(move || {
                let exit = await_exit(child, &ending, reader);
                on_exit(exit);
            })
        };
        Ok(Self { spec, identity, ending, last_lines, waiter: Some(waiter) })
    }

    /// Its pid and start time.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.identity.pid
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn exited(&self) -> Option<Exit> {
        *self.ending.exit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last lines it wrote.
    #[must_use]
    pub fn last_lines(&self) -> Vec<String> {
        self.last_lines.get()
    }

    /// Waits for its end, at most this long.
    #[must_use]
    pub fn await_exit(&self, limit: Duration) -> Option<Exit> {
        let exit = self.ending.exit.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ending.ended.wait_timeout_while(exit, limit, |exit| exit.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Sends it a signal, unless it has ended.
    pub fn signal(&self, signal: Signal) {
        // Its pid is given back under this lock, so the signal cannot reach another process.
        let exit = self.ending.exit.lock().unwrap_or_else(PoisonError::into_inner);
        if exit.is_none() {
            let _ = kill(pid(self.pid()), signal);
        }
    }

    /// Asks it to stop as its [`Spec`] says, kills it when it does not, and waits for its end.
    pub fn stop(&self) -> Exit {
        for (signal, limit) in &self.spec.stop {
            self.signal(*signal);
            if let Some(exit) = self.await_exit(*limit) {
                return exit;
            }
        }
        loop {
            self.signal(Signal::SIGKILL);
            if let Some(exit) = self.await_exit(KILL_AGAIN_EVERY) {
                return exit;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.exited().is_none() {
            self.stop();
        }
        if let Some(waiter) = self.waiter.take()
            && waiter.thread().id() != std::thread::current().id()
        {
            let _ = waiter.join();
        }
    }
}

/// How long output may still come after the end: the thread that reads it needs its turn on a busy machine. Only a descendant that
/// left the group keeps the pipe open for longer.
const LAST_OUTPUT_LIMIT: Duration = Duration::from_secs(2);

fn await_exit(mut child: Child, ending: &Ending, reader: JoinHandle<()>) -> Exit {
    let pid = pid(child.id());
    // Without reaping: as long as it is a zombie, neither its pid nor its group's id is used again.
    while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(Errno::EINTR) {}
    // nginx's workers outlive a killed master and keep its port.
    let _ = killpg(pid, Signal::SIGKILL);
    let (sender, drained) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let _ = reader.join();
        drop(sender);
    });
    let _ = drained.recv_timeout(LAST_OUTPUT_LIMIT);
    let mut slot = ending.exit.lock().unwrap_or_else(PoisonError::into_inner);
    let exit = child.wait().map_or(Exit::Code(-1), Exit::from);
    *slot = Some(exit);
    ending.ended.notify_all();
    exit
}
