//! The real nginx with the rendered configuration, on a free port.

use crate::behind::Behind;
use crate::wait;
use native::nginx::{self, GatewayConfig};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// A free port may be taken by another test before nginx has it.
const PORT_ATTEMPTS: usize = 20;

/// A running gateway with everything it writes in a directory of its own.
pub struct Gateway {
    pub address: SocketAddr,
    pub config: GatewayConfig,
    process: Child,
    behind: Behind,
    // Removed last.
    directory: TempDir,
}

impl Gateway {
    /// A gateway whose three services are all at `upstream`.
    pub fn before(upstream: SocketAddr) -> Self {
        Self::start(upstream, |_| {})
    }

    /// The same with other settings.
    pub fn start(upstream: SocketAddr, change: impl Fn(&mut GatewayConfig)) -> Self {
        Self::start_before(upstream, change, Behind::start)
    }

    /// The same with something else behind it.
    pub fn start_before(
        upstream: SocketAddr,
        change: impl Fn(&mut GatewayConfig),
        behind: impl FnOnce(&mut GatewayConfig) -> Behind,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // The workers of a root master are another user.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let mut config = GatewayConfig::new(directory.path().join("run"));
        (config.user_upstream, config.order_upstream, config.audit_upstream) = (upstream, upstream, upstream);
        change(&mut config);
        let behind = behind(&mut config);
        for _ in 0..PORT_ATTEMPTS {
            config.listen = free_address();
            if let Some(process) = run(&config, directory.path()) {
                return Self { address: config.listen, config, process, behind, directory };
            }
        }
        panic!("nginx got none of {PORT_ATTEMPTS} ports")
    }

    /// The access log's lines, once there are as many. One that is just being written is none yet.
    pub fn log(&self, lines: usize) -> Vec<Value> {
        wait::until(&format!("the access log has {lines} lines"), || {
            let text = fs::read(&self.config.access_log).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            let read: Vec<Value> = whole.map(|line| serde_json::from_str(line).unwrap()).collect();
            assert!(read.len() <= lines, "{text}");
            (read.len() == lines).then_some(read)
        })
    }

    /// The trace that a client was told of is there, where the gateway makes spans itself.
    pub fn assert_opens(&self, trace_id: &str) {
        self.behind.assert_opens(trace_id);
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Killed, the master would leave its workers behind.
        let _ = kill(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGTERM);
        let _ = self.process.wait();
    }
}

/// An address of this machine on which nothing listens.
pub fn free_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, native::ports::free().unwrap()))
}

/// Starts nginx and waits until it answers; none when it ended instead.
fn run(config: &GatewayConfig, directory: &Path) -> Option<Child> {
    let binary = nginx::find().expect("the tests of the gateway need nginx: apt-get install nginx-light");
    let main = nginx::render(config, &directory.join("configuration")).unwrap();
    nginx::check(&binary.path, &main).unwrap();
    let errors = fs::File::create(directory.join("nginx.stderr")).unwrap();
    let mut process =
        nginx::command(&binary.path, &main).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors).spawn().unwrap();
    let address = config.listen;
    let pid_file = config.pid_file();
    let running = wait::until("nginx listens", || {
        if process.try_wait().unwrap().is_some() {
            return Some(false);
        }
        let ours = fs::read_to_string(&pid_file).is_ok_and(|pid| pid.trim() == process.id().to_string());
        (ours && TcpStream::connect(address).is_ok()).then_some(true)
    });
    running.then_some(process)
}
