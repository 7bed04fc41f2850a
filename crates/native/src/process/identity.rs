//! Which process a pid meant: pids are used again, a pid with its start time is not.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::time::{Duration, Instant};

/// How often a process that is not our child is looked at while we wait for its end.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A process of this boot, beyond the life of its pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// Clock ticks between boot and its start: field 22 of /proc/pid/stat (proc(5)).
    pub started_ticks: u64,
}

impl Identity {
    /// The process that has this pid now.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let (_, started_ticks) = state_and_start(pid)?;
        Some(Self { pid, started_ticks })
    }

    /// Whether it still runs; a zombie does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        state_and_start(self.pid).is_some_and(|(state, start)| start == self.started_ticks && !"ZX".contains(state))
    }

    /// Sends a signal, unless the pid means another process by now.
    pub fn signal(&self, signal: Signal) {
        if self.is_alive() {
            let _ = kill(pid(self.pid), signal);
        }
    }

    /// Ends a process that is not our child: each signal with the time given, then SIGKILL to its group
    /// when it leads one. Says whether it is gone.
    pub fn end(&self, signals: &[(Signal, Duration)]) -> bool {
        let kill_wait = (Signal::SIGKILL, Duration::from_secs(5));
        for (signal, limit) in signals.iter().chain([&kill_wait]) {
            if *signal == Signal::SIGKILL && self.is_alive() && leads_group(self.pid) {
                let _ = killpg(pid(self.pid), Signal::SIGKILL);
            }
            self.signal(*signal);
            if self.await_end(*limit) {
                return true;
            }
        }
        false
    }

    /// Waits until it is gone; says whether it is.
    pub fn await_end(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        true
    }
}

/// A pid as the system calls take it.
pub(super) fn pid(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX))
}

fn leads_group(process: u32) -> bool {
    nix::unistd::getpgid(Some(pid(process))) == Ok(pid(process))
}

fn state_and_start(pid: u32) -> Option<(char, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name is in parentheses and may hold spaces and parentheses itself.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_start_time_is_another_process() {
        let ourselves = Identity::of(std::process::id()).unwrap();
        assert!(ourselves.is_alive());
        let predecessor = Identity { started_ticks: ourselves.started_ticks - 1, ..ourselves };
        assert!(!predecessor.is_alive());
        assert!(predecessor.end(&[(Signal::SIGKILL, Duration::ZERO)]), "nothing to end, and we live on");
    }
}
