//! Talking to the supervisor of a state directory.

use crate::failure::Failure;
use crate::supervisor::{Answer, Event, Request, Status, UP_LIMIT, read_events, short_path, stop_limits};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A supervisor that runs answers within milliseconds what it need not wait for; one that is suspended never does.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// For what it waits for itself: on a busy machine its answer comes this much after its own limit.
const ANSWER_SPARE: Duration = Duration::from_secs(15);

/// A way to the supervisor; each request is a connection of its own.
#[derive(Clone)]
pub struct Client {
    state: PathBuf,
}

impl Client {
    /// The supervisor that answers, if one does.
    pub fn find(state: &Path) -> Option<Self> {
        let client = Self { state: state.into() };
        client.connect().ok().map(|_| client)
    }

    /// The supervisor, or the sentence that nothing runs.
    pub fn running(state: &Path) -> Result<Self, Failure> {
        Self::find(state).ok_or_else(Failure::nothing_runs)
    }

    /// The state of everything.
    pub fn status(&self) -> Result<Status, Failure> {
        match self.ask(&Request::Status)? {
            Answer::Status(status) => Ok(*status),
            Answer::Done | Answer::Refused(_) => Err(Failure::failed("the supervisor gave another answer")),
        }
    }

    /// Asks for something that is done or refused.
    pub fn order(&self, request: &Request) -> Result<(), Failure> {
        match self.ask(request)? {
            Answer::Refused(reason) => Err(Failure::failed(reason)),
            Answer::Done | Answer::Status(_) => Ok(()),
        }
    }

    /// Every event from the first on; ends when everything has ended, or with the supervisor.
    pub fn events(&self) -> Result<impl Iterator<Item = Event> + use<>, Failure> {
        Ok(read_events(self.send(&Request::Events)?))
    }

    /// Waits until everything has ended or the supervisor is gone, at most this long.
    pub fn await_ended(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let Ok(stream) = self.send(&Request::Events) else { return };
        let Ok(mut events) = stream.try_clone().map(read_events) else { return };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // The clone is the same socket. A limit of nothing would be none, and is refused.
            if stream.set_read_timeout(Some(left)).is_err() || matches!(events.next(), None | Some(Event::Ended)) {
                return;
            }
        }
    }

    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let mut line = String::new();
        let (stream, limit) = (self.send(request)?, answer_limit(request));
        stream.set_read_timeout(Some(limit))?;
        BufReader::new(stream).read_line(&mut line).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::failed(format!(
                "the supervisor has not answered for {} s; end it with: cargo stack down",
                limit.as_secs()
            )),
            _ => Failure::from(error),
        })?;
        serde_json::from_str(&line).map_err(|_| Failure::failed("the supervisor ended without an answer"))
    }

    fn send(&self, request: &Request) -> Result<UnixStream, Failure> {
        let mut stream = self.connect().map_err(|_| Failure::nothing_runs())?;
        let mut line = serde_json::to_vec(request).map_err(|error| Failure::failed(error.to_string()))?;
        line.push(b'\n');
        stream.write_all(&line)?;
        Ok(stream)
    }

    fn connect(&self) -> std::io::Result<UnixStream> {
        let directory = File::open(&self.state)?;
        UnixStream::connect(short_path(&directory))
    }
}

/// How long an answer may take: some come only when a process is up or gone.
fn answer_limit(request: &Request) -> Duration {
    match request {
        Request::Stop { name } => Duration::from_secs(stop_limits::seconds(stop_limits::of(name))) + ANSWER_SPARE,
        Request::Start { .. } => UP_LIMIT + ANSWER_SPARE,
        Request::Status | Request::Down | Request::Events => ANSWER_LIMIT,
    }
}
