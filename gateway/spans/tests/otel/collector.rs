//! The real Collector with the project's own configuration, behind the gateway and in front of a receiver.

use crate::wait;
use native::backends::{Ports, Settings, TracesTo, collector};
use native::process::Process;
use std::net::SocketAddr;
use tempfile::TempDir;
use testkit::Receiver;

/// A port that was free may be somebody else's by the time that it is used.
const ATTEMPTS: usize = 5;

pub struct Collector {
    pub receiver: Receiver,
    pub address: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Collector {
    /// Runs it; what it sends on comes to the receiver.
    pub fn start() -> Self {
        (0..ATTEMPTS).find_map(|_| Self::attempt()).expect("a Collector that listens")
    }

    fn attempt() -> Option<Self> {
        let (receiver, directory) = (Receiver::start(), tempfile::tempdir().unwrap());
        let mut settings = Settings::new(directory.path(), Ports::free().unwrap());
        settings.traces_to = TracesTo::Observatory;
        settings.ports.observatory_grpc = receiver.address().port();
        let plan = collector(&settings).unwrap();
        let process = Process::start((plan.spec)().unwrap()).unwrap();
        let ready = plan.ready.unwrap();
        let runs = wait::until("the Collector listens", || {
            let ended = process.exited().map(|_| false);
            ended.or_else(|| ready(&process).is_ok().then_some(true))
        });
        let address = Ports::address(settings.ports.collector_grpc);
        runs.then_some(Self { receiver, address, _process: process, _directory: directory })
    }
}
