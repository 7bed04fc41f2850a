//! The control socket: one JSON request a connection, answered by one JSON line, or by one for each event.
//!
//! Only the user who started the stack may connect.

use super::bring_up::UP_LIMIT;
use super::{Event, Phase, Supervisor};
use crate::failure::Failure;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The socket's name in the state directory.
pub const SOCKET: &str = "control.sock";
/// A request is a line of some dozen bytes.
const REQUEST_BYTES: u64 = 4 * 1024;
/// A client writes its request at once.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// What a client asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Request {
    /// The state of everything.
    Status,
    /// Stop a process and leave it stopped.
    Stop {
        /// Which.
        name: String,
    },
    /// Start a process that is stopped or has failed.
    Start {
        /// Which.
        name: String,
    },
    /// Stop everything; the answer comes at once, the end by an event.
    Down,
    /// Every event from the first on, a line each, until everything has ended.
    Events,
}

/// What the supervisor answers with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// To [`Request::Status`].
    Status(Box<Status>),
    /// It is done.
    Done,
    /// It cannot be done.
    Refused(String),
}

/// The state of everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Where the stack is in its life.
    pub phase: Phase,
    /// The process that keeps it running.
    pub supervisor_pid: u32,
    /// What it was started with.
    pub settings: Settings,
    /// Where spans go instead of to its own observatory.
    pub elsewhere: Option<String>,
    /// Whether every trace is kept.
    pub samples_all: bool,
    /// Whether no trace is kept.
    pub samples_none: bool,
    /// In the order they were started.
    pub processes: Vec<ProcessStatus>,
}

/// One process, as `cargo stack status --json` prints it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessStatus {
    /// Its name.
    pub name: String,
    /// Its id, while it runs.
    pub pid: Option<u32>,
    /// Where it listens.
    pub url: Option<String>,
    /// starting, ready, running, restarting, stopped or failed.
    pub state: String,
}

/// The socket's path by way of an open directory: a socket's own path may have 107 bytes at most (unix(7)).
pub fn short_path(directory: &File) -> PathBuf {
    Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(SOCKET)
}

/// Opens the socket; one that a killed supervisor left is replaced.
pub fn listen(state: &Path) -> Result<UnixListener, Failure> {
    let directory = File::open(state)?;
    let path = short_path(&directory);
    if UnixStream::connect(&path).is_ok() {
        return Err(Failure::failed("another supervisor answers on the control socket"));
    }
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Takes the socket away: whoever comes now finds nothing running.
pub fn close(state: &Path) {
    let _ = fs::remove_file(state.join(SOCKET));
}

/// Answers, on threads of its own, for as long as the supervisor lives.
pub fn serve(listener: UnixListener, supervisor: &Arc<Supervisor>) {
    let supervisor = Arc::downgrade(supervisor);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let supervisor = Weak::clone(&supervisor);
            // A client that went away in the middle needs no answer.
            std::thread::spawn(move || supervisor.upgrade().and_then(|supervisor| answer(&supervisor, stream).ok()));
        }
    });
}

fn answer(supervisor: &Arc<Supervisor>, stream: UnixStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(REQUEST_LIMIT))?;
    let mut line = String::new();
    BufReader::new((&stream).take(REQUEST_BYTES)).read_line(&mut line)?;
    let answer = match serde_json::from_str(&line) {
        Ok(Request::Events) => {
            supervisor.watch(|event| send(&stream, event).is_ok());
            return Ok(());
        }
        Ok(Request::Status) => Answer::Status(Box::new(supervisor.status())),
        Ok(Request::Stop { name }) => answer_with(supervisor.steerable(&name).map(|process| process.stop())),
        Ok(Request::Start { name }) => answer_with(
            supervisor.restart(&name).and_then(|process| process.await_up(UP_LIMIT).map_err(|error| error.to_string())),
        ),
        Ok(Request::Down) => {
            let supervisor = Arc::clone(supervisor);
            std::thread::spawn(move || supervisor.stop_all());
            Answer::Done
        }
        Err(error) => Answer::Refused(format!("not a request: {error}")),
    };
    send(&stream, &answer)
}

fn answer_with(outcome: Result<(), String>) -> Answer {
    outcome.map_or_else(Answer::Refused, |()| Answer::Done)
}

fn send(mut stream: &UnixStream, message: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// Reads events from a stream; ends with it.
pub fn read_events(stream: UnixStream) -> impl Iterator<Item = Event> {
    BufReader::new(stream).lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok())
}
