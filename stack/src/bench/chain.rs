//! A running chain: front and back of one mode.

use super::generator::{Answers, Load, ORDERS, Request, Until, send};
use super::mode::Mode;
use super::programs::{Copied, Programs};
use super::rounds::Subject;
use super::sink::Sink;
use crate::failure::Failure;
use native::ports;
use native::postgres::TemporaryCluster;
use native::process::{Process, Signal, Spec};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Under callgrind a program takes seconds to listen.
pub const START_LIMIT: Duration = Duration::from_secs(60);
/// Often enough not to be noticed.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// Longer than the exporters' own limits for their last batch, also under callgrind.
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// The chain's table, and a row for each key that is asked for.
const TABLE: &str = "CREATE TABLE orders \
    (id bigint PRIMARY KEY, customer text NOT NULL, state text NOT NULL, total_cents bigint NOT NULL)";

/// What runs a program in its stead, such as callgrind, with arguments for each half of the chain.
pub type Wrapper<'a> = &'a dyn Fn(Half) -> Vec<String>;

/// Half of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Asks the other one.
    Front,
    /// Asks PostgreSQL.
    Back,
}

impl Half {
    /// As the programs and files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
        }
    }
}

/// Where everything is that a chain needs.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The programs.
    pub programs: &'a Programs,
    /// The database.
    pub cluster: &'a TemporaryCluster,
    /// Where spans go.
    pub sink: &'a Sink,
}

/// A running chain; stopped when dropped.
pub struct Chain {
    front: Process,
    back: Process,
    address: SocketAddr,
    sampled: bool,
}

/// Makes the table that every chain reads.
pub fn prepare(cluster: &TemporaryCluster) -> Result<(), Failure> {
    let rows = format!(
        "{TABLE}; INSERT INTO orders SELECT n, 'customer ' || n, 'completed', n * 100 FROM generate_series(1, {ORDERS}) n; \
         ANALYZE orders;"
    );
    Ok(cluster.sql("postgres", &rows).map(drop)?)
}

impl Chain {
    /// Starts both halves and waits until they answer.
    pub fn start(mode: &Mode, ground: &Ground<'_>, wrapper: Option<Wrapper<'_>>) -> Result<Self, Failure> {
        let program = ground.programs.of_chain(mode.program);
        // callgrind counts, and finds names by the file.
        let copied = wrapper.is_none().then(|| Copied::of(&program)).transpose()?;
        let program = copied.as_ref().map_or(program.as_path(), Copied::path);
        let start = |half: Half, upstream: String| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
            let mut command = wrapper.map(|wrapper| wrapper(half)).unwrap_or_default();
            command.push(program.to_string_lossy().into_owned());
            command.extend([half.name().to_owned(), address.to_string(), upstream]);
            let mut words = command.into_iter();
            let spec =
                measured(half.name(), words.next().unwrap_or_default(), mode, &ground.sink.endpoint()).args(words);
            let process = Process::start(spec)?;
            await_listening(&process, address)?;
            Ok::<_, Failure>((process, address))
        };
        let (back, address) = start(Half::Back, ground.cluster.superuser_url("postgres"))?;
        let (front, address) = start(Half::Front, format!("http://{address}"))?;
        Ok(Self { front, back, address, sampled: mode.sampled })
    }
}

impl Subject for Chain {
    fn send(&self, connections: usize, until: Until) -> Result<Answers, Failure> {
        let load = Load { target: self.address, request: Request::Order, sampled: self.sampled, connections };
        send(&load, until)
            .map_err(|failure| Failure::failed(format!("{failure}\n{}", last_lines([&self.front, &self.back]))))
    }

    fn pids(&self) -> Vec<u32> {
        vec![self.front.pid(), self.back.pid()]
    }

    /// The front first: it asks the back until its end.
    fn stop(self) {
        self.front.stop();
        self.back.stop();
    }

    fn spans_per_request(mode: &Mode) -> u64 {
        mode.spans_per_request()
    }
}

/// A program that is measured in a mode and exports to this endpoint, with nothing of the environment that `cargo stack`
/// was given.
pub fn measured(name: &str, program: impl Into<PathBuf>, mode: &Mode, endpoint: &str) -> Spec {
    let mut spec = Spec::new(name, program);
    spec.env_clear = true;
    spec.stop = vec![(Signal::SIGTERM, STOP_LIMIT)];
    spec = spec.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    mode.environment.iter().fold(spec, |spec, (name, value)| spec.env(*name, *value))
}

/// What these processes last said, for the message of a failure.
pub fn last_lines<'a>(processes: impl IntoIterator<Item = &'a Process>) -> String {
    processes.into_iter().flat_map(Process::last_lines).collect::<Vec<_>>().join("\n")
}

/// Waits until a process listens, without a request: it would be a span.
pub(super) fn await_listening(process: &Process, address: SocketAddr) -> Result<(), Failure> {
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect(address).is_err() {
        if process.await_exit(ASK_EVERY).is_some() || Instant::now() > deadline {
            let said = process.last_lines().join("\n");
            return Err(Failure::failed(format!("a measured program does not listen on {address}:\n{said}")));
        }
    }
    Ok(())
}
