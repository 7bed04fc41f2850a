//! The memory of a process, as the kernel counts it, looked at while the process runs.

use crate::failure::Failure;
use std::fs;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Often enough to see what a queue takes on its way to full, and too seldom to cost anything.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Resident memory, in KiB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// The most that there ever was.
    pub peak: u64,
    /// The most of the first half of the time that was looked at.
    pub first_half: u64,
    /// The most of the second half.
    pub second_half: u64,
}

/// A process whose memory is looked at.
pub struct MemoryWatch {
    stop: Sender<()>,
    thread: JoinHandle<Memory>,
}

impl MemoryWatch {
    /// Looks from now on; the halves are those of this time. What comes after it counts for the peak.
    pub fn begin(pid: u32, time: Duration) -> Self {
        let begun = Instant::now();
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let mut memory = Memory::default();
            loop {
                if let Some((peak, now)) = look(pid) {
                    memory.seen(peak, now, begun.elapsed(), time);
                }
                if stopped.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
                    return memory;
                }
            }
        });
        Self { stop, thread }
    }

    /// What was seen. The process may be gone by now.
    pub fn end(self) -> Result<Memory, Failure> {
        drop(self.stop);
        self.thread.join().map_err(|_| Failure::failed("the look at a process's memory panicked"))
    }
}

impl Memory {
    fn seen(&mut self, peak: u64, now: u64, at: Duration, time: Duration) {
        self.peak = self.peak.max(peak);
        if at * 2 < time {
            self.first_half = self.first_half.max(now);
        } else if at < time {
            self.second_half = self.second_half.max(now);
        }
    }

    /// What it grew by in the second half.
    pub fn grown(self) -> u64 {
        self.second_half.saturating_sub(self.first_half)
    }
}

/// The most so far and what there is now, `VmHWM` and `VmRSS` of /proc/pid/status (proc_pid_status(5)), in KiB. A process
/// that has ended has neither.
fn look(pid: u32) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let value = status.lines().find_map(|line| line.strip_prefix(name))?;
        value.trim().strip_suffix(" kB")?.parse().ok()
    };
    Some((field("VmHWM:")?, field("VmRSS:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_takes_memory_is_seen_to_have_taken_it() {
        let before = look(std::process::id()).unwrap().1;
        // Written to, so that it is there and not only promised. Other tests take and give back some meanwhile.
        let taken = std::hint::black_box(vec![1_u8; 64 << 20]);
        let (peak, now) = look(std::process::id()).unwrap();
        assert!(now >= before + (40 << 10) && peak >= now, "{before} KiB, then {now} KiB, at most {peak} KiB");
        drop(taken);
        assert_eq!(look(u32::MAX), None);
    }

    #[test]
    fn what_grows_is_seen_in_the_second_half_and_what_comes_afterwards_at_the_peak() {
        let time = Duration::from_secs(60);
        let mut memory = Memory::default();
        for (second, now) in [(0, 10), (29, 30), (30, 25), (59, 37), (61, 50)] {
            memory.seen(now, now, Duration::from_secs(second), time);
        }
        assert_eq!((memory, memory.grown()), (Memory { peak: 50, first_half: 30, second_half: 37 }, 7));
    }
}
