//! A real nginx on a free port, with what makes its spans.

use std::fs::Permissions;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use gateway_spans::Config;
use native::nginx::{self, GatewayConfig};
use native::process::{Process, Spec, http_answers};
use tempfile::TempDir;

/// A free port may be somebody else's by the time that nginx binds it.
const TRIES: usize = 10;
/// How long nginx may take to answer; it takes some milliseconds.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Between two looks whether it answers.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A running gateway.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    spans: gateway_spans::Server,
    process: Process,
    directory: TempDir,
}

impl Gateway {
    /// Starts one that sends its spans to `endpoint`.
    pub async fn start(endpoint: &str, configure: impl Fn(&mut GatewayConfig)) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        // Where the master is root, its workers are not, and still have to reach this.
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("our own folder");
        let mut config = GatewayConfig::new(directory.path().join("run"));
        configure(&mut config);
        for _ in 0..TRIES {
            config.listen = free_address();
            let Some(process) = run(&config, &directory) else { continue };
            let mut settings = Config::new(&config.access_log, &format!("{endpoint}/v1/traces")).expect("a URL");
            settings.pid_file = config.pid_file();
            let spans = gateway_spans::start(settings).await.expect("gateway-spans starts");
            return Self { address: config.listen, spans, process, directory };
        }
        panic!("nginx did not start, see above");
    }

    /// Ends it, and gives back how many lines were read and how many spans were sent.
    pub async fn stop(self) -> (u64, u64) {
        tokio::task::spawn_blocking(move || (self.process.stop(), self.directory));
        let counts = self.spans.stop().await;
        (counts.lines_read.get(), counts.spans_sent.get())
    }
}

/// An address of this machine on which nothing listens.
pub fn free_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, native::ports::free().expect("a free port")))
}

fn run(config: &GatewayConfig, directory: &TempDir) -> Option<Process> {
    let found = nginx::find().expect("nginx is installed");
    let main = nginx::render(config, &directory.path().join("configuration")).expect("the templates are right");
    let command = nginx::command(&found.path, &main);
    let process = Process::start(Spec::new("gateway", command.get_program()).args(command.get_args())).ok()?;
    let begun = std::time::Instant::now();
    while begun.elapsed() < START_LIMIT {
        if process.await_exit(LOOK_EVERY).is_some() {
            eprintln!("nginx ended: {:?}", process.last_lines());
            return None;
        }
        if http_answers(config.listen, "/health").is_ok() {
            return Some(process);
        }
    }
    None
}
