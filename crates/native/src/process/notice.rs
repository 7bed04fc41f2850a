//! What a supervised process is and what happens to it, for whoever watches.

use std::fmt;
use std::time::Duration;

/// Where a supervised process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Started, not ready yet.
    Starting,
    /// Ready, as far as it was asked.
    Ready,
    /// Running; nobody can ask it whether it is ready.
    Running,
    /// Dead, to be started again after a delay.
    Restarting,
    /// Stopped because somebody asked for it.
    Stopped,
    /// Dead too often; not started again by itself.
    Failed,
}

impl State {
    /// Lower case, as `cargo stack status` prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// Whether it is up, as far as can be known.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::Ready | Self::Running)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that happened to a supervised process.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The process.
    pub name: String,
    /// What happened.
    pub kind: NoticeKind,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum NoticeKind {
    /// It was started with this pid.
    Started(u32),
    /// It is still not ready, after this long, for this reason.
    Waiting(Duration, String),
    /// It is ready (or running, when it cannot be asked) after this long.
    Up(Duration),
    /// It ended or could not be started, without anybody asking for it.
    Died {
        /// How.
        reason: String,
        /// The last lines it wrote.
        last_lines: Vec<String>,
        /// When it is started again; `None` when no more.
        restart_in: Option<Duration>,
    },
    /// It was stopped on request.
    Stopped,
}
