//! One set of backends on this machine.

use super::collector::Extra;
use super::ports::Ports;
use crate::process::Spec;
use std::path::PathBuf;

/// Where the Collector sends traces that are to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracesTo {
    /// To Tempo.
    Tempo,
    /// To the observatory, which takes Tempo's place where Tempo's program is not to be had.
    Observatory,
}

/// What a set of backends is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the files are written, and where the backends keep their data: a folder for each.
    pub directory: PathBuf,
    /// Where their logs go, each named after its backend; without it, only the last lines are kept.
    pub logs: Option<PathBuf>,
    /// The ports.
    pub ports: Ports,
    /// What the Collector does besides, in the order in which the files are merged.
    pub extras: Vec<Extra>,
    /// Where the Collector sends traces.
    pub traces_to: TracesTo,
    /// Where a Jaeger of the user's own takes OTLP/gRPC, as `host:port`; for [`Extra::Jaeger`].
    pub jaeger: Option<String>,
    /// The Collector's queue, where it is not in the set's own folder.
    pub queue: Option<PathBuf>,
    /// Further variables of the Collector; they win over all others.
    pub variables: Vec<(&'static str, String)>,
}

impl Settings {
    /// Tempo behind the Collector, no extra, no logs.
    pub fn new(directory: impl Into<PathBuf>, ports: Ports) -> Self {
        Self {
            directory: directory.into(),
            logs: None,
            ports,
            extras: Vec::new(),
            traces_to: TracesTo::Tempo,
            jaeger: None,
            queue: None,
            variables: Vec::new(),
        }
    }

    /// A backend's own folder for data.
    pub(super) fn data(&self, name: &str) -> PathBuf {
        self.directory.join("data").join(name)
    }

    /// A program that gets nothing of our environment: `OTEL_*` is meant for the services, and would have the backends
    /// trace themselves, into themselves.
    pub(super) fn program(&self, name: &str, program: PathBuf) -> Spec {
        let mut spec = Spec::new(name, program);
        spec.env_clear = true;
        spec.log = self.logs.as_ref().map(|logs| logs.join(format!("{name}.log")));
        // Go's programs read the time zone; everything else of ours is in UTC, too.
        spec.env("TZ", "UTC").env("LC_ALL", "C.UTF-8")
    }
}
