//! What happens in a stack, kept for whoever watches it, now or later.

use native::process::{Notice, NoticeKind};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

/// A day of restarts; older ones are in the logs.
const KEPT_EVENTS: usize = 1_000;

/// Where a stack is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Its processes are being started.
    Starting,
    /// All were ready once.
    Ready,
    /// One did not become ready in time.
    Failed,
    /// Its processes are being stopped.
    Stopping,
    /// Nothing of it runs.
    Ended,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step that belongs to no process.
    Step {
        /// What is being done.
        text: String,
    },
    /// A process was started.
    Started {
        /// Which.
        name: String,
        /// Its id.
        pid: u32,
    },
    /// A process is still not ready.
    Waiting {
        /// Which.
        name: String,
        /// Since when, in seconds.
        seconds: u64,
        /// What it says.
        reason: String,
    },
    /// A process is up.
    Up {
        /// Which.
        name: String,
        /// After how long.
        milliseconds: u64,
    },
    /// A process ended by itself.
    Died {
        /// Which.
        name: String,
        /// Exit code or signal.
        reason: String,
        /// What it wrote last.
        last_lines: Vec<String>,
        /// When it is started again; never when missing.
        restart_in_ms: Option<u64>,
    },
    /// A process was stopped on request.
    Stopped {
        /// Which.
        name: String,
    },
    /// All processes are up.
    Ready,
    /// Not all processes came up.
    Failed {
        /// Why.
        reason: String,
    },
    /// Everything is being stopped.
    Stopping,
    /// Everything has ended.
    Ended,
}

impl Event {
    /// A process' notice as an event.
    pub fn from_notice(Notice { name, kind }: Notice) -> Self {
        let milliseconds = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        match kind {
            NoticeKind::Started(pid) => Self::Started { name, pid },
            NoticeKind::Waiting(since, reason) => Self::Waiting { name, seconds: since.as_secs(), reason },
            NoticeKind::Up(after) => Self::Up { name, milliseconds: milliseconds(after) },
            NoticeKind::Died { reason, last_lines, restart_in } => {
                Self::Died { name, reason, last_lines, restart_in_ms: restart_in.map(milliseconds) }
            }
            NoticeKind::Stopped => Self::Stopped { name },
        }
    }
}

/// The last events, numbered from the first.
#[derive(Default)]
pub struct EventLog {
    kept: Mutex<Kept>,
    grown: Condvar,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Event>,
    forgotten: usize,
}

impl EventLog {
    /// Adds an event; the oldest goes when there are too many.
    pub fn push(&self, event: Event) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.events.len() == KEPT_EVENTS {
            kept.events.pop_front();
            kept.forgotten += 1;
        }
        kept.events.push_back(event);
        self.grown.notify_all();
    }

    /// The events from a number on, at least one, and the number of the next.
    pub fn after(&self, seen: usize) -> (Vec<Event>, usize) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.grown.wait_while(kept, |kept| kept.forgotten + kept.events.len() <= seen);
        let kept = waited.unwrap_or_else(PoisonError::into_inner);
        let new = kept.events.iter().skip(seen.saturating_sub(kept.forgotten)).cloned().collect();
        (new, kept.forgotten + kept.events.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_a_late_watcher_gets_what_is_kept() {
        let log = EventLog::default();
        for number in 0..KEPT_EVENTS + 10 {
            log.push(Event::Step { text: number.to_string() });
        }
        let (events, next) = log.after(0);
        assert_eq!((events.len(), next), (KEPT_EVENTS, KEPT_EVENTS + 10));
        log.push(Event::Ready);
        let (events, _) = log.after(next);
        assert!(matches!(events.as_slice(), [Event::Ready]));
    }
}
