//! The project's own chain, user to order to audit, without its gateway: nginx costs the same in every mode.

use super::chain::{START_LIMIT, last_lines, measured};
use super::generator::{Answers, Load, Request, Until, send};
use super::mode::{Mode, Program};
use super::programs::{Copied, Programs, SERVICES};
use super::rounds::Subject;
use super::sink::Sink;
use crate::failure::Failure;
use crate::verbs::load::BODY;
use native::ports;
use native::postgres::{Passwords, TemporaryCluster};
use native::process::{Process, http_answers};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// A statement's limit, in milliseconds. All connections are made by the first requests at once, which a busy machine may
/// take longer for than a service would wait; no measured request comes near either.
const DATABASE_TIMEOUT_MS: &str = "8000";
/// The database that bootstrap.sql makes.
const DATABASE: &str = "tracechain";
/// Often enough not to be noticed.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Where everything is that the services need.
pub struct Ground<'a> {
    /// The programs.
    pub programs: &'a Programs,
    /// The cluster; its database is made by [`prepare`].
    pub cluster: &'a TemporaryCluster,
    /// The roles' passwords.
    pub passwords: &'a Passwords,
    /// Where spans go.
    pub sink: &'a Sink,
}

/// The running services, the last of the chain first; stopped when dropped.
pub struct Services {
    processes: Vec<Process>,
    address: SocketAddr,
    sampled: bool,
}

/// Makes the database and its roles.
pub fn prepare(cluster: &TemporaryCluster) -> Result<Passwords, Failure> {
    let passwords = Passwords::generate()?;
    cluster.bootstrap(DATABASE, &passwords)?;
    Ok(passwords)
}

impl Services {
    /// Starts all of them and waits until they are ready.
    pub fn start(mode: &Mode, ground: &Ground<'_>) -> Result<Self, Failure> {
        let mut services =
            Self { processes: Vec::new(), address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), sampled: mode.sampled };
        let mut next = None;
        for name in SERVICES {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
            let program = Copied::of(&ground.programs.service(name, mode.program == Program::Traced))?;
            let role = |kind: &str| name.replace("-service", kind);
            let url = |kind: &str| ground.cluster.role_url(&role(kind), ground.passwords, DATABASE);
            let mut spec = measured(name, program.path(), mode, &ground.sink.endpoint())
                .env("LISTEN", address.to_string())
                .env("DATABASE_URL", url("_service"))
                .env("DATABASE_TIMEOUT_MS", DATABASE_TIMEOUT_MS)
                .env("MIGRATION_DATABASE_URL", url("_owner"));
            if let Some(next) = next {
                spec = spec.env("NEXT_SERVICE_URL", format!("http://{next}"));
            }
            let process = Process::start(spec)?;
            await_ready(&process, address)?;
            services.processes.push(process);
            services.address = address;
            next = Some(address);
        }
        Ok(services)
    }
}

impl Subject for Services {
    fn send(&self, connections: usize, until: Until) -> Result<Answers, Failure> {
        let load = Load { target: self.address, request: Request::Process(BODY), sampled: self.sampled, connections };
        send(&load, until).map_err(|failure| Failure::failed(format!("{failure}\n{}", last_lines(&self.processes))))
    }

    fn pids(&self) -> Vec<u32> {
        self.processes.iter().map(Process::pid).collect()
    }

    /// The first of the chain first: it asks the others until its end.
    fn stop(self) {
        for process in self.processes.iter().rev() {
            process.stop();
        }
    }

    fn spans_per_request(_mode: &Mode) -> u64 {
        0
    }
}

fn await_ready(process: &Process, address: SocketAddr) -> Result<(), Failure> {
    let deadline = Instant::now() + START_LIMIT;
    while let Err(reason) = http_answers(address, "/readyz") {
        if process.await_exit(ASK_EVERY).is_some() || Instant::now() > deadline {
            let said = process.last_lines().join("\n");
            return Err(Failure::failed(format!("a measured service is not ready: {reason}\n{said}")));
        }
    }
    Ok(())
}
