//! A cluster whose files are ready: how its server is started, asked and connected to.

use super::binaries::Binaries;
use super::files::needs_own_user;
use super::passwords::Passwords;
use crate::process::{RunAs, Signal, Spec};
use crate::{Error, Result, secret, state};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The superuser of our clusters, whoever runs the server.
pub const SUPERUSER: &str = "postgres";
/// The system user that Debian's packages bring; used when we are root.
const SYSTEM_USER: &str = "postgres";
/// A fast shutdown writes one checkpoint.
const FAST_LIMIT: Duration = Duration::from_secs(20);
/// An immediate shutdown writes nothing.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(5);
/// How a server is stopped: SIGTERM would wait for its clients.
pub const SERVER_STOP: [(Signal, Duration); 2] = [(Signal::SIGINT, FAST_LIMIT), (Signal::SIGQUIT, IMMEDIATE_LIMIT)];
/// Three services with ten connections each and their migrations; for tests and measurements, a dozen chains side by side.
const CONNECTIONS: u32 = 400;

/// Whether data survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As PostgreSQL comes.
    Durable,
    /// Nothing is synced to disk: for tests.
    Disposable,
}

/// The files of a cluster and the facts needed to run it and to connect.
#[derive(Debug, Clone)]
pub struct PreparedCluster {
    binaries: Binaries,
    home: PathBuf,
    port: u16,
    durability: Durability,
    user: Option<RunAs>,
    superuser_password: String,
}

impl PreparedCluster {
    /// Makes the cluster in `home` when it is missing. `home` gets `data/` (the server's) and
    /// `superuser.password` (mode 0600). Nothing runs yet.
    pub fn open(home: &Path, port: u16, durability: Durability) -> Result<Self> {
        let binaries = Binaries::find()?;
        state::create(home)?;
        let home = home.canonicalize().map_err(Error::file("resolve", home))?;
        let user = needs_own_user().then(|| RunAs::named(SYSTEM_USER)).transpose()?;
        let superuser_password = kept_password(&home.join("superuser.password"))?;
        let cluster = Self { binaries, home, port, durability, user, superuser_password };
        cluster.make()?;
        Ok(cluster)
    }

    /// How its server is started. Ends a server that an earlier supervisor left behind.
    pub fn server(&self) -> Result<Spec> {
        self.recover()?;
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            format!("max_connections={CONNECTIONS}"),
            "password_encryption=scram-sha-256".into(),
            "log_destination=stderr".into(),
            "logging_collector=off".into(),
            "log_line_prefix=%m [%p] %q%u@%d ".into(),
            "timezone=UTC".into(),
            "log_timezone=UTC".into(),
        ];
        if !self.is_durable() {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
        }
        let mut spec = Spec::new("postgres", &self.binaries.postgres).args(["-D"]);
        spec = spec.args([self.data()]).args(settings.into_iter().flat_map(|setting| ["-c".into(), setting]));
        spec.stop = SERVER_STOP.into();
        spec.death_signal = Signal::SIGINT;
        Ok(self.as_server(spec))
    }

    /// Whether the server with this pid accepts connections, read from where pg_ctl reads it: line 8 of
    /// postmaster.pid (src/include/utils/pidfile.h). A foreign server on the port cannot answer for it.
    pub fn is_ready(&self, pid: u32) -> std::result::Result<(), String> {
        let lock = fs::read_to_string(self.data().join("postmaster.pid")).map_err(|_| "it has not begun to start")?;
        let mut lines = lock.lines();
        if lines.next().and_then(|line| line.trim().parse().ok()) != Some(pid) {
            return Err("another server holds the data".into());
        }
        match lines.nth(6).map(str::trim) {
            Some("ready") => Ok(()),
            Some(state) if !state.is_empty() => Err(format!("it is {state}")),
            _ => Err("it is starting".into()),
        }
    }

    /// `postgres://postgres:...@127.0.0.1:port/database`.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, &self.superuser_password, database)
    }

    /// The URL of one of [`super::ROLES`].
    #[must_use]
    pub fn role_url(&self, role: &str, passwords: &Passwords, database: &str) -> String {
        self.url(role, passwords.of(role), database)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory of the cluster: `data/` and the superuser's password.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The programs it runs with.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(super) fn user(&self) -> Option<RunAs> {
        self.user
    }

    pub(super) fn superuser_password(&self) -> &str {
        &self.superuser_password
    }

    pub(super) fn is_durable(&self) -> bool {
        self.durability == Durability::Durable
    }

    pub(super) fn at_port(&self, port: u16) -> Self {
        Self { port, ..self.clone() }
    }

    /// The same program as the server's user, in a directory that user can enter, and with nothing of the
    /// caller's PG* variables.
    pub(super) fn as_server(&self, mut spec: Spec) -> Spec {
        spec.user = self.user;
        spec.directory = Some(self.data());
        spec.env_clear = true;
        spec.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("TZ", "UTC")
    }

    fn url(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port)
    }
}

fn kept_password(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(password) if !password.trim().is_empty() => Ok(password.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("read", path)(error)),
        _ => {
            let password = secret::generate()?;
            secret::write(path, &password)?;
            Ok(password)
        }
    }
}
