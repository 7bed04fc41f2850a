//! The engine: one that answers already, else one of our own where `dockerd` is there.

use crate::docker::Docker;
use native::backends::cache_directory;
use native::process::{Process, Spec};
use native::programs;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// From its start to its first answer: one to two seconds on an idle machine.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// Between two questions.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// Since which `start_interval` is known.
const OLDEST: u32 = 25;

/// The engine that is used.
pub struct Engine {
    /// How it is spoken to.
    pub docker: Docker,
    /// Stops it at the end, where it is ours.
    _own: Option<Process>,
}

impl Engine {
    /// Finds or starts one; the error says what is missing.
    pub fn find_or_start() -> Result<Self, String> {
        let usual = Docker::default();
        if usual.ask(&["version"]).is_ok() {
            return Self { docker: usual, _own: None }.fit();
        }
        programs::find("docker").map_err(|error| error.to_string())?;
        let program = programs::find("dockerd").map_err(|_| "no engine answers, and there is no dockerd".to_owned())?;
        Self::start(program)?.fit()
    }

    /// Its images and the builder's caches are kept from run to run: compiling everything takes long.
    fn start(program: PathBuf) -> Result<Self, String> {
        let folder = cache_directory().map_err(|error| error.to_string())?.join("engine");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = |name: &str| folder.join(name).display().to_string();
        let socket = format!("unix://{}", path("docker.sock"));
        let docker = Docker { host: Some(socket.clone()) };
        if docker.ask(&["version"]).is_ok() {
            return Ok(Self { docker, _own: None });
        }
        // Of one that was killed; the next one would not start beside it.
        let _ = fs::remove_file(path("dockerd.pid"));
        let spec = Spec::new("dockerd", program)
            .args(["--host", &socket, "--data-root", &path("data"), "--exec-root", &path("exec")])
            .args(["--pidfile", &path("dockerd.pid")])
            .args(init())
            .log(path("dockerd.log"));
        let own = Process::start(spec).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        while docker.ask(&["version"]).is_err() {
            if begun.elapsed() > READY_LIMIT || own.exited().is_some() {
                return Err(format!("dockerd is not ready: {:#?}", own.last_lines()));
            }
            let _ = own.await_exit(ASK_EVERY);
        }
        Ok(Self { docker, _own: Some(own) })
    }

    fn fit(self) -> Result<Self, String> {
        let version = self.docker.ask(&["version", "--format", "{{.Server.Version}}"])?;
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or_default();
        if major < OLDEST {
            return Err(format!("the engine is {version}; docker-compose.yaml needs {OLDEST}"));
        }
        self.docker.ask(&["compose", "version"])?;
        Ok(self)
    }
}

/// Debian has the small init that `init: true` needs under another name.
fn init() -> Vec<String> {
    let found = ["docker-init", "tini-static", "tini"].into_iter().find_map(|name| programs::find(name).ok());
    found.map(|path| vec!["--init-path".into(), path.display().to_string()]).unwrap_or_default()
}
