//! A running cluster.

use super::prepared::{Durability, PreparedCluster};
use crate::process::Process;
use crate::{Error, Result, ports};
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

/// A first start writes the whole catalogue; two busy cores need seconds.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Often enough not to be noticed; it reads a small file.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// A free port may be taken by another process before the server listens on it.
const PORT_ATTEMPTS: usize = 5;

/// A running server with its files; stopped when dropped, and when this process dies.
pub struct Cluster {
    prepared: PreparedCluster,
    process: Process,
}

impl Deref for Cluster {
    type Target = PreparedCluster;

    fn deref(&self) -> &PreparedCluster {
        &self.prepared
    }
}

impl Cluster {
    /// Starts the cluster in `home`, made when missing, on a port of 127.0.0.1; 0 takes a free one.
    pub fn start(home: &Path, port: u16, durability: Durability) -> Result<Self> {
        let prepared = PreparedCluster::open(home, port, durability)?;
        if port != 0 {
            return Self::run(prepared);
        }
        let mut attempt = 1;
        loop {
            let port = ports::free().map_err(Error::file("find a free port on", "127.0.0.1"))?;
            match Self::run(prepared.at_port(port)) {
                Err(_) if attempt < PORT_ATTEMPTS && ports::holder(port).is_some() => attempt += 1,
                other => return other,
            }
        }
    }

    /// Stops the server and waits for its end.
    pub fn stop(self) {
        drop(self);
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    fn run(prepared: PreparedCluster) -> Result<Self> {
        let process = Process::start(prepared.server()?)?;
        let deadline = Instant::now() + START_LIMIT;
        let not_ready = |reason| Error::NotReady { name: "postgres".into(), seconds: START_LIMIT.as_secs(), reason };
        while let Err(reason) = prepared.is_ready(process.pid()) {
            if let Some(exit) = process.await_exit(ASK_EVERY) {
                let output = process.last_lines().join("\n");
                return Err(Error::Failed { program: "postgres".into(), status: exit.to_string(), output });
            }
            if Instant::now() >= deadline {
                return Err(not_ready(reason));
            }
        }
        Ok(Self { prepared, process })
    }
}
