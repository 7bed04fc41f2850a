//! What to run: program, arguments, environment, user, log, and how it is asked to stop.

use crate::{Error, Result};
use nix::sys::signal::Signal;
use nix::unistd::User;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Longer than a service's end may take: 8 s for requests under way, 2 s for its connections, 7 s for its last telemetry.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// How a program stops unless its [`Spec`] says otherwise.
pub const USUAL_STOP: [(Signal, Duration); 1] = [(Signal::SIGTERM, STOP_LIMIT)];

/// What to run and how to stop it.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The name notices and logs call it by.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables set, and with `None` removed, on top of the environment of this process.
    pub env: Vec<(String, Option<String>)>,
    /// Whether nothing of the environment of this process is passed on.
    pub env_clear: bool,
    /// Its working directory, when not ours.
    pub directory: Option<PathBuf>,
    /// The system user it runs as, when not ours.
    pub user: Option<RunAs>,
    /// Where standard output and error go; discarded but for the last lines when `None`.
    pub log: Option<PathBuf>,
    /// The signals that ask it to stop, each with the time given; after the last comes SIGKILL.
    pub stop: Vec<(Signal, Duration)>,
    /// What the kernel sends it when this process dies.
    pub death_signal: Signal,
}

/// A system user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunAs {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

impl RunAs {
    /// Looks a user up by name.
    pub fn named(name: &str) -> Result<Self> {
        match User::from_name(name) {
            Ok(Some(user)) => Ok(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }),
            _ => Err(Error::Unusable(format!("there is no system user named {name}"))),
        }
    }
}

impl Spec {
    /// A program that stops on SIGTERM and inherits the environment.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            env_clear: false,
            directory: None,
            user: None,
            log: None,
            stop: USUAL_STOP.into(),
            death_signal: Signal::SIGTERM,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Sends standard output and error to a file that is rotated by size.
    #[must_use]
    pub fn log(mut self, path: impl Into<PathBuf>) -> Self {
        self.log = Some(path.into());
        self
    }

    /// The command without its outputs.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::null());
        if self.env_clear {
            command.env_clear();
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }
}
