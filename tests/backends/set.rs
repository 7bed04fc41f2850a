//! A set of backends of a test's own: free ports, a folder that is deleted, and programs that end with the test.

use std::fs;
use std::path::PathBuf;

use native::backends::{Extra, Ports, Settings, TracesTo, collector, loki, prometheus, tempo};
use tempfile::TempDir;
use testkit::Backend;

use crate::loki::Loki;
use crate::prometheus::Prometheus;
use crate::running::Running;
use crate::tempo::Tempo;

/// A port that was free may be somebody else's by the time that it is used.
const TRIES: usize = 5;

/// What belongs to a set.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Whether Prometheus is run.
    pub prometheus: bool,
    /// Whether Tempo is run. Without it an observatory has its place behind the Collector; with it one stands beside it.
    pub tempo: bool,
    /// Whether Loki is run, and gets log records.
    pub loki: bool,
    /// Further files of the Collector.
    pub extras: Vec<Extra>,
    /// Further variables of the Collector.
    pub variables: Vec<(&'static str, String)>,
    /// Where a Jaeger takes OTLP/gRPC.
    pub jaeger: Option<String>,
    /// Where the Collector's queue is, when that is not a folder of the set's own.
    pub queue: Option<PathBuf>,
}

/// A running set.
pub struct Set {
    /// How it is run.
    pub settings: Settings,
    /// The Collector.
    pub collector: Running,
    /// Our own backend, behind the Collector.
    pub observatory: Option<Backend>,
    /// Tempo.
    pub tempo: Option<Running>,
    _loki: Option<Running>,
    _prometheus: Option<Running>,
    _directory: TempDir,
}

impl Set {
    /// Starts all of it.
    pub async fn start(wanted: &Wanted) -> Self {
        let mut failed = String::new();
        for _ in 0..TRIES {
            match Self::start_once(wanted).await {
                Ok(set) => return set,
                Err(error) if error.contains("address already in use") => failed = error,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("{failed}");
    }

    async fn start_once(wanted: &Wanted) -> Result<Self, String> {
        let directory = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(directory.path(), Ports::free().expect("free ports"));
        // On a port that nobody else is given while it is away.
        let observatory = Backend::start_on(Ports::address(settings.ports.observatory_grpc)).await;
        settings.logs = Some(directory.path().join("logs"));
        fs::create_dir_all(directory.path().join("logs")).expect("our own folder");
        settings.extras.clone_from(&wanted.extras);
        settings.variables.clone_from(&wanted.variables);
        settings.queue.clone_from(&wanted.queue);
        settings.jaeger.clone_from(&wanted.jaeger);
        if wanted.tempo {
            settings.extras.push(Extra::Observatory);
        }
        if wanted.loki {
            settings.extras.push(Extra::Loki);
        }
        if !wanted.tempo {
            settings.traces_to = TracesTo::Observatory;
        }
        let planned = |error: native::Error| error.to_string();
        let prometheus =
            wanted.prometheus.then(|| Running::start(prometheus(&settings).map_err(planned)?)).transpose()?;
        let tempo = wanted.tempo.then(|| Running::start(tempo(&settings).map_err(planned)?)).transpose()?;
        let loki = wanted.loki.then(|| Running::start(loki(&settings).map_err(planned)?)).transpose()?;
        let collector = Running::start(collector(&settings).map_err(planned)?)?;
        Ok(Self {
            settings,
            collector,
            observatory: Some(observatory),
            tempo,
            _loki: loki,
            _prometheus: prometheus,
            _directory: directory,
        })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` has to be.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.settings.ports.collector_http)
    }

    /// Our own backend.
    pub fn observatory(&self) -> &Backend {
        self.observatory.as_ref().expect("it is not stopped now")
    }

    /// Stops our own backend: what it kept is gone, and the Collector has to wait for the next one.
    pub async fn stop_observatory(&mut self) {
        if let Some(observatory) = self.observatory.take() {
            observatory.stop().await;
        }
    }

    /// Starts another one in its place.
    pub async fn start_observatory(&mut self) {
        self.observatory = Some(Backend::start_on(Ports::address(self.settings.ports.observatory_grpc)).await);
    }

    /// Prometheus' API.
    pub fn prometheus(&self) -> Prometheus {
        Prometheus::at(Ports::address(self.settings.ports.prometheus))
    }

    /// Tempo's API.
    pub fn tempo(&self) -> Tempo {
        Tempo::at(Ports::address(self.settings.ports.tempo_http))
    }

    /// Loki's API.
    pub fn loki(&self) -> Loki {
        Loki::at(Ports::address(self.settings.ports.loki_http))
    }

    /// The Collector's log so far.
    pub fn collector_log(&self) -> String {
        let logs = self.settings.logs.as_ref().expect("a set has logs");
        fs::read_to_string(logs.join("otel-collector.log")).unwrap_or_default()
    }
}
