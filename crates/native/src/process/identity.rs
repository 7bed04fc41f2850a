//! Which process a pid meant: pids are used again, a pid with its start time is not.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::time::{Duration, Instant};

/// How often a process that is not our child is looked at while we wait for its end.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// SIGKILL cannot be refused; only the kernel's own work, such as a write to a slow disk, delays the end.
pub(super) const KILL_LIMIT: Duration = Duration::from_secs(5);

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

    /// Ends a process that is not our child: each signal with the time given, then SIGKILL. Its group is left alone:
    /// it may be a whole pipeline of somebody's shell. Says whether it is gone.
    pub fn end(&self, signals: &[(Signal, Duration)]) -> bool {
        self.end_by(signals, |process| process.signal(Signal::SIGKILL))
    }

    /// The same for a process that was started as a child of ours, whose group is its own: at last SIGKILL to all of
    /// that.
    pub fn end_with_group(&self, signals: &[(Signal, Duration)]) -> bool {
        self.end_by(signals, |process| {
            if process.is_alive() && leads_group(process.pid) {
                let _ = killpg(pid(process.pid), Signal::SIGKILL);
            }
            process.signal(Signal::SIGKILL);
        })
    }

    fn end_by(&self, signals: &[(Signal, Duration)], kill: impl Fn(&Self)) -> bool {
        // A suspended process heeds SIGKILL only.
        self.signal(Signal::SIGCONT);
        for (signal, limit) in signals {
            self.signal(*signal);
            if self.await_end(*limit) {
                return true;
            }
        }
        kill(self);
        self.await_end(KILL_LIMIT)
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
    /// A shell that leads a group with another process in it, and that process.
    fn group() -> (std::process::Child, Identity, Identity) {
        use std::os::unix::process::CommandExt;
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait"]).process_group(0);
        let mut shell = shell.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let output = shell.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
        let leader = Identity::of(shell.id()).unwrap();
        (shell, leader, Identity::of(line.trim().parse().unwrap()).unwrap())
    }

    #[test]
    fn the_rest_of_a_group_is_killed_only_when_it_is_meant() {
        let (mut shell, leader, other) = group();
        assert!(leader.end(&[(Signal::SIGTERM, Duration::ZERO)]));
        assert!(other.is_alive(), "what stands beside it in the pipeline lives on");
        other.signal(Signal::SIGKILL);
        shell.wait().unwrap();
        let (mut shell, leader, other) = group();
        assert!(leader.end_with_group(&[(Signal::SIGTERM, Duration::ZERO)]));
        assert!(other.await_end(KILL_LIMIT));
        shell.wait().unwrap();
    }

    #[test]
    fn a_suspended_process_is_continued_to_heed_the_request() {
        let mut sleeper = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let identity = Identity::of(sleeper.id()).unwrap();
        identity.signal(Signal::SIGSTOP);
        assert!(identity.end(&[(Signal::SIGTERM, Duration::from_secs(60))]));
        let signal = std::os::unix::process::ExitStatusExt::signal(&sleeper.wait().unwrap());
        assert_eq!(signal, Some(Signal::SIGTERM as i32));
    }
}
