//! The chain's two processes with a receiver of their own, and what each of them has said at its end.

use super::account::Account;
use super::chain::{Half, await_listening, measured};
use super::generator::{Load, Request};
use super::mode::{Mode, Program};
use super::programs::Programs;
use crate::failure::Failure;
use native::ports;
use native::postgres::TemporaryCluster;
use native::process::{Exit, Process};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Everything that there is: all traces, and metrics as they are by default.
const MODE: &str = "on-metrics";
/// SERVER and CLIENT span in the front; SERVER and SQL span in the back.
pub const SPANS_OF_A_HALF: u64 = 2;

/// Where everything is that the two processes need.
pub struct Ground<'a> {
    /// The programs.
    pub programs: &'a Programs,
    /// The database.
    pub cluster: &'a TemporaryCluster,
    /// Where the processes' logs go.
    pub logs: PathBuf,
}

/// One of the two, running; stopped when dropped.
pub struct RunningHalf {
    process: Process,
    log: PathBuf,
    address: SocketAddr,
}

/// How one of them has ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it has said that all spans arrived.
    pub well: bool,
    /// Its account.
    pub account: Account,
}

/// Starts the back and then the front, which ask each other, and export to this receiver. `name` is that of their logs.
pub fn start(ground: &Ground<'_>, endpoint: &str, name: &str) -> Result<(RunningHalf, RunningHalf), Failure> {
    std::fs::create_dir_all(&ground.logs)?;
    let mode = Mode::named(MODE).map_err(Failure::failed)?;
    let start = |half: Half, upstream: String| {
        let log = ground.logs.join(format!("{name}.{}.log", half.name()));
        remove(&log)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let arguments = [half.name().to_owned(), address.to_string(), upstream];
        let spec = measured(half.name(), ground.programs.of_chain(Program::Traced), &mode, endpoint);
        let process = Process::start(spec.args(arguments).log(&log))?;
        await_listening(&process, address)?;
        Ok::<_, Failure>(RunningHalf { process, log, address })
    };
    let back = start(Half::Back, ground.cluster.superuser_url("postgres"))?;
    let front = start(Half::Front, format!("http://{}", back.address))?;
    Ok((front, back))
}

impl RunningHalf {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Sampled requests for it, so many at a time.
    pub fn load(&self, connections: usize) -> Load {
        Load { target: self.address, request: Request::Order, sampled: true, connections }
    }

    /// Sends SIGTERM, waits for the end, and reads what the process said then.
    pub fn stop(&self) -> Result<Ended, Failure> {
        let exit = self.process.stop();
        let printed = std::fs::read_to_string(&self.log)?;
        let account = Account::read(&printed).ok_or_else(|| {
            let said = self.process.last_lines().join("\n");
            Failure::failed(format!("a measured program ended without an account of its spans, {exit}:\n{said}"))
        })?;
        Ok(Ended { well: exit == Exit::Code(0), account })
    }
}

/// A log of an earlier run would be read as this one's.
fn remove(log: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(log) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
