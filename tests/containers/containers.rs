//! What the engine and the kernel say of a container.

use crate::docker::Docker;
use serde_json::Value;

/// A container of the stack, as it was when it was looked at.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its service's name.
    pub service: String,
    /// Its id.
    pub id: String,
    /// Whether it runs.
    pub running: bool,
    /// Whether it is healthy; a running one without a check counts as that.
    pub healthy: bool,
    /// How it ended, where it has.
    pub exit_code: i64,
    /// Its first process as this machine sees it; 0 when it does not run.
    pub pid: u32,
    /// `UID:GID` that it was started with.
    pub user: String,
    /// What docker-compose.yaml limits its memory to, in bytes.
    pub memory_bytes: u64,
}

impl Container {
    /// All of a project.
    pub fn all(docker: &Docker, project: &str) -> Result<Vec<Self>, String> {
        let filter = format!("label=com.docker.compose.project={project}");
        let ids = docker.ask(&["ps", "--all", "--quiet", "--filter", &filter])?;
        let mut inspect = vec!["inspect"];
        inspect.extend(ids.split_whitespace());
        if inspect.len() == 1 {
            return Ok(Vec::new());
        }
        let inspected: Value = serde_json::from_str(&docker.ask(&inspect)?).map_err(|error| error.to_string())?;
        let mut containers: Vec<Self> = inspected.as_array().into_iter().flatten().map(Self::read).collect();
        containers.sort_by(|one, other| one.service.cmp(&other.service));
        Ok(containers)
    }

    fn read(inspected: &Value) -> Self {
        let state = &inspected["State"];
        let running = state["Running"] == true;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            service: text(&inspected["Config"]["Labels"]["com.docker.compose.service"]),
            id: text(&inspected["Id"]),
            running,
            healthy: running && state["Health"]["Status"].as_str().is_none_or(|status| status == "healthy"),
            exit_code: state["ExitCode"].as_i64().unwrap_or_default(),
            pid: state["Pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default(),
            user: text(&inspected["Config"]["User"]),
            memory_bytes: inspected["HostConfig"]["Memory"].as_u64().unwrap_or_default(),
        }
    }

    /// Whether it is one that runs to its end.
    pub fn runs_once(&self) -> bool {
        ["prepare", "roles", "otel-collector-ready"].contains(&self.service.as_str())
    }

    /// A file of its first process in /proc; `None` where the engine's processes are not to be seen.
    pub fn of_process(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.pid)).ok()
    }
}
