//! Talking to the supervisor of a state directory.

use crate::failure::Failure;
use crate::supervisor::{Answer, Event, Request, Status, read_events, short_path};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

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

    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let mut line = String::new();
        BufReader::new(self.send(request)?).read_line(&mut line)?;
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
