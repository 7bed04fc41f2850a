//! What one stack is: its ports, its directory, its programs, its backends.

mod backends;
mod faults;
mod next;
mod ports;

pub use backends::{Absent, absent};
pub use faults::USUAL_FAULT_PORTS;
pub use next::NextArgs;
pub use ports::{PortArgs, Ports};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the backends' files and data are, in the state directory.
pub const BACKENDS: &str = "backends";

/// One stack; handed to the supervisor and told by it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Where data, logs and the control socket are.
    pub state: PathBuf,
    /// Where the built programs are.
    pub programs: PathBuf,
    /// The ports.
    pub ports: Ports,
    /// `NEXT_SERVICE_URL` of the services for which it is not the usual one.
    pub next: BTreeMap<String, String>,
    /// What of the backends does not run; empty in a stack without them.
    pub absent: Absent,
}

impl Settings {
    /// `http://127.0.0.1:port`.
    pub fn url(port: u16) -> String {
        format!("http://{}", Self::address(port))
    }

    /// A port of this machine.
    pub fn address(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// Where a process' log is.
    pub fn log(&self, name: &str) -> PathBuf {
        logs(&self.state).join(format!("{name}.log"))
    }
}

/// Where the logs of a state directory are.
pub fn logs(state: &std::path::Path) -> PathBuf {
    state.join("logs")
}
