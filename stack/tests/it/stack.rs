//! A stack of a test's own.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a stack runs besides nginx and PostgreSQL.
const PROGRAMS: [&str; 5] = ["observatory", "audit-service", "order-service", "user-service", "gateway-spans"];
/// The flags of the ports.
pub const PORT_FLAGS: [&str; 8] = [
    "--gateway-port",
    "--user-port",
    "--order-port",
    "--audit-port",
    "--postgres-port",
    "--otlp-grpc-port",
    "--otlp-http-port",
    "--observatory-port",
];

/// Far beyond what anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// One stack at a time: each has nine processes, and two at once only wait for each other's processor.
static TURN: Mutex<()> = Mutex::new(());

/// A state directory and ports; taken down when dropped.
pub struct Stack {
    state: tempfile::TempDir,
    pub ports: Vec<u16>,
    _turn: MutexGuard<'static, ()>,
}

impl Stack {
    /// Nothing runs yet.
    pub fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // PostgreSQL and nginx's workers run as other users when the tests run as root.
        let open_to_all = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        let state = tempfile::Builder::new().prefix("stack-test-").permissions(open_to_all).tempdir().unwrap();
        let ports = PORT_FLAGS.iter().map(|_| native::ports::free().unwrap()).collect();
        Self { state, ports, _turn: turn }
    }

    /// `up` with this stack's ports.
    pub fn up(&self, more: &[&str]) -> Output {
        self.up_command(more).output().unwrap()
    }

    /// `up`, not yet started; built only where it has not been.
    pub fn up_command(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["up"]);
        for (flag, port) in PORT_FLAGS.iter().zip(&self.ports) {
            command.arg(flag).arg(port.to_string());
        }
        let beside = Path::new(env!("CARGO_BIN_EXE_stack")).parent().unwrap();
        if PROGRAMS.iter().all(|program| beside.join(program).is_file()) {
            command.arg("--no-build");
        }
        command.args(more);
        command
    }

    /// Any verb.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Any verb, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
        command.arg("--state-dir").arg(self.state()).args(arguments);
        // What the tests' own environment says must not steer the chain.
        for name in ["OTEL_SDK_DISABLED", "OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_ENDPOINT", "RUST_LOG"] {
            command.env_remove(name);
        }
        // What is tested here is the tool, on a machine that may be busy; each service tests its deadlines.
        command.env("DATABASE_TIMEOUT_MS", "8000").env("REQUEST_TIMEOUT_MS", "60000");
        command
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.state.path().to_path_buf()
    }

    /// What `status --json` says of a process: `null` when it is not there.
    pub fn process(&self, name: &str) -> Value {
        self.processes().into_iter().find(|process| process["name"] == name).unwrap_or_default()
    }

    /// The pids of all its processes.
    pub fn pids(&self) -> Vec<u32> {
        self.processes().iter().filter_map(|process| process["pid"].as_u64()?.try_into().ok()).collect()
    }

    /// What `status --json` says, once the supervisor answers it: one that stood still for a moment does so when it is
    /// asked again.
    fn processes(&self) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let output = self.run(&["status", "--json"]);
            match serde_json::from_slice(&output.stdout) {
                Ok(processes) => return processes,
                Err(_) => assert!(begun.elapsed() < LONG, "{}", text(&output)),
            }
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.run(&["down"]);
    }
}

/// Standard output, and standard error for a failed assertion.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
