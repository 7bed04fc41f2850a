//! The OpenTelemetry Collector: its files, its variables, its process.

use super::files;
use super::ports::Ports;
use super::program::Program;
use super::settings::{Settings, TracesTo};
use crate::process::{Plan, http_answers};
use crate::{Result, config, state};
use std::ffi::OsString;
use std::path::Path;

/// The name in notices and of its log; its host's name in Compose.
const NAME: &str = "otel-collector";

/// A file that adds to what the Collector does, as one more `--config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Keeps all errors, all slow traces and a part of the others.
    Sampling,
    /// Sends log records to Loki.
    Loki,
    /// Sends traces to a Jaeger, too.
    Jaeger,
    /// Sends traces to the observatory, too.
    Observatory,
}

impl Extra {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sampling, Self::Loki, Self::Jaeger, Self::Observatory];

    /// The file's name in `otel-collector`.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Sampling => "sampling.yaml",
            Self::Loki => "loki.yaml",
            Self::Jaeger => "jaeger.yaml",
            Self::Observatory => "observatory.yaml",
        }
    }
}

/// How it is run. It is ready when all of its receivers listen.
pub fn collector(settings: &Settings) -> Result<Plan> {
    let (program, settings) = (Program::Collector.find()?, settings.clone());
    let health = Ports::address(settings.ports.collector_health);
    let spec = move || {
        let folder = files::write(&settings)?.join("otel-collector");
        let queue = settings.queue.clone().unwrap_or_else(|| settings.data(NAME).join("queue"));
        state::create(&queue)?;
        let spec = settings.program(NAME, program.clone()).args(collector_arguments(&folder, &settings.extras));
        Ok(variables(&settings, &queue).into_iter().fold(spec, |spec, (name, value)| spec.env(name, value)))
    };
    Ok(Plan { name: NAME.into(), spec: Box::new(spec), ready: Some(Box::new(move |_| http_answers(health, "/"))) })
}

/// `--config` for each of the files in `folder`. Maps are merged and lists replaced, so the order does not matter as long
/// as no two extras set the same key.
#[must_use]
pub fn collector_arguments(folder: &Path, extras: &[Extra]) -> Vec<OsString> {
    let names = ["config.yaml"].into_iter().chain(extras.iter().map(|extra| extra.file()));
    names.flat_map(|name| ["--config".into(), folder.join(name).into_os_string()]).collect()
}

fn variables(settings: &Settings, queue: &Path) -> Vec<(&'static str, String)> {
    let ports = &settings.ports;
    let (grpc, http) = (|port| Ports::address(port).to_string(), |port| format!("http://{}", Ports::address(port)));
    let tempo = match settings.traces_to {
        TracesTo::Tempo => ports.tempo_otlp_grpc,
        TracesTo::Observatory => ports.observatory_grpc,
    };
    let mut variables = vec![
        ("COLLECTOR_LISTEN", "127.0.0.1".into()),
        ("COLLECTOR_OTLP_GRPC_PORT", ports.collector_grpc.to_string()),
        ("COLLECTOR_OTLP_HTTP_PORT", ports.collector_http.to_string()),
        ("COLLECTOR_HEALTH_PORT", ports.collector_health.to_string()),
        ("COLLECTOR_METRICS_PORT", ports.collector_metrics.to_string()),
        ("COLLECTOR_QUEUE_DIRECTORY", queue.display().to_string()),
        ("TEMPO_ENDPOINT", grpc(tempo)),
        ("OBSERVATORY_ENDPOINT", grpc(ports.observatory_grpc)),
        ("PROMETHEUS_ENDPOINT", http(ports.prometheus)),
        ("LOKI_ENDPOINT", http(ports.loki_http)),
    ];
    variables.extend(config::sampling());
    variables.extend(settings.jaeger.iter().map(|jaeger| ("JAEGER_ENDPOINT", jaeger.clone())));
    variables.extend(settings.variables.iter().cloned());
    variables
}
