//! The ports of the backends that stand behind a Collector, and what a stack with them is.

use super::ports::Listener;
use crate::failure::Failure;
use native::backends::{Extra, Ports as NativePorts, Program, Settings as NativeSettings, TracesTo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A port of each receiver and each API of the backends, on 127.0.0.1. The Collector receives where an observatory alone
/// would: `--otlp-grpc-port`, `--otlp-http-port`.
#[derive(clap::Args)]
#[command(next_help_heading = "Ports of the backends (--backends)")]
pub struct BackendPortArgs {
    /// otel-collector, whether it is ready [default: 13133]
    #[arg(long, value_name = "PORT")]
    collector_health_port: Option<u16>,
    /// otel-collector, its own metrics [default: 8888]
    #[arg(long, value_name = "PORT")]
    collector_metrics_port: Option<u16>,
    /// observatory behind the Collector, OTLP over gRPC [default: 14317]
    #[arg(long, value_name = "PORT")]
    observatory_otlp_grpc_port: Option<u16>,
    /// observatory behind the Collector, OTLP over HTTP [default: 14318]
    #[arg(long, value_name = "PORT")]
    observatory_otlp_http_port: Option<u16>,
    /// Prometheus [default: 9090]
    #[arg(long, value_name = "PORT")]
    prometheus_port: Option<u16>,
    /// Tempo, its API [default: 3200]
    #[arg(long, value_name = "PORT")]
    tempo_port: Option<u16>,
    /// Tempo, between its parts [default: 9095]
    #[arg(long, value_name = "PORT")]
    tempo_grpc_port: Option<u16>,
    /// Tempo, OTLP over gRPC [default: 24317]
    #[arg(long, value_name = "PORT")]
    tempo_otlp_grpc_port: Option<u16>,
    /// Tempo, OTLP over HTTP [default: 24318]
    #[arg(long, value_name = "PORT")]
    tempo_otlp_http_port: Option<u16>,
    /// Loki, its API [default: 3100]
    #[arg(long, value_name = "PORT")]
    loki_port: Option<u16>,
    /// Loki, between its parts [default: 9096]
    #[arg(long, value_name = "PORT")]
    loki_grpc_port: Option<u16>,
}

impl BackendPortArgs {
    /// Whether any is asked for by name.
    pub fn ask_for_any(&self) -> bool {
        let given = [
            self.collector_health_port,
            self.collector_metrics_port,
            self.observatory_otlp_grpc_port,
            self.observatory_otlp_http_port,
            self.prometheus_port,
            self.tempo_port,
            self.tempo_grpc_port,
            self.tempo_otlp_grpc_port,
            self.tempo_otlp_http_port,
            self.loki_port,
            self.loki_grpc_port,
        ];
        given.iter().any(Option::is_some)
    }

    /// The given ones, and the usual ones moved by the offset.
    pub fn ports(&self, offset: u16) -> Result<BackendPorts, Failure> {
        let usual = NativePorts::usual(offset);
        let usual = usual.ok_or_else(|| Failure::cannot(format!("--port-offset {offset} is too large")))?;
        Ok(BackendPorts {
            collector_health: self.collector_health_port.unwrap_or(usual.collector_health),
            collector_metrics: self.collector_metrics_port.unwrap_or(usual.collector_metrics),
            observatory_grpc: self.observatory_otlp_grpc_port.unwrap_or(usual.observatory_grpc),
            observatory_http: self.observatory_otlp_http_port.unwrap_or(usual.observatory_http),
            prometheus: self.prometheus_port.unwrap_or(usual.prometheus),
            tempo: self.tempo_port.unwrap_or(usual.tempo_http),
            tempo_grpc: self.tempo_grpc_port.unwrap_or(usual.tempo_grpc),
            tempo_otlp_grpc: self.tempo_otlp_grpc_port.unwrap_or(usual.tempo_otlp_grpc),
            tempo_otlp_http: self.tempo_otlp_http_port.unwrap_or(usual.tempo_otlp_http),
            loki: self.loki_port.unwrap_or(usual.loki_http),
            loki_grpc: self.loki_grpc_port.unwrap_or(usual.loki_grpc),
        })
    }
}

/// The ports of the backends, the Collector's receivers excepted.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct BackendPorts {
    /// Collector, whether it is ready.
    pub collector_health: u16,
    /// Collector, its own metrics.
    pub collector_metrics: u16,
    /// observatory behind the Collector, OTLP/gRPC.
    pub observatory_grpc: u16,
    /// observatory behind the Collector, OTLP/HTTP.
    pub observatory_http: u16,
    /// Prometheus.
    pub prometheus: u16,
    /// Tempo, its API.
    pub tempo: u16,
    /// Tempo, between its parts.
    pub tempo_grpc: u16,
    /// Tempo, OTLP/gRPC.
    pub tempo_otlp_grpc: u16,
    /// Tempo, OTLP/HTTP.
    pub tempo_otlp_http: u16,
    /// Loki, its API.
    pub loki: u16,
    /// Loki, between its parts.
    pub loki_grpc: u16,
}

impl BackendPorts {
    pub(super) fn all(&self) -> [Listener; 11] {
        let at = |port, process, what, flag| Listener { port, process, what, flag };
        [
            at(self.collector_health, "otel-collector", "health", "--collector-health-port"),
            at(self.collector_metrics, "otel-collector", "metrics", "--collector-metrics-port"),
            at(self.observatory_grpc, "observatory", "OTLP/gRPC", "--observatory-otlp-grpc-port"),
            at(self.observatory_http, "observatory", "OTLP/HTTP", "--observatory-otlp-http-port"),
            at(self.prometheus, "prometheus", "", "--prometheus-port"),
            at(self.tempo, "tempo", "API", "--tempo-port"),
            at(self.tempo_grpc, "tempo", "gRPC", "--tempo-grpc-port"),
            at(self.tempo_otlp_grpc, "tempo", "OTLP/gRPC", "--tempo-otlp-grpc-port"),
            at(self.tempo_otlp_http, "tempo", "OTLP/HTTP", "--tempo-otlp-http-port"),
            at(self.loki, "loki", "API", "--loki-port"),
            at(self.loki_grpc, "loki", "gRPC", "--loki-grpc-port"),
        ]
    }
}

/// What a stack can do without; by the name of its process, why it does not run.
pub type Absent = BTreeMap<String, String>;

/// Looks for the programs: what is absent of Tempo and Loki. Fails when Collector or Prometheus is missing, since nothing
/// is left then of what was asked for.
pub fn absent() -> Result<Absent, Failure> {
    let needed = [Program::Collector, Program::Prometheus].map(|program| program.find().err());
    let missing: Vec<String> = needed.into_iter().flatten().map(|error| error.to_string()).collect();
    if !missing.is_empty() {
        return Err(Failure::cannot(missing.join("\n")));
    }
    let mut absent = Absent::new();
    for program in [Program::Tempo, Program::Loki] {
        match program.find() {
            Ok(_) => {}
            Err(native::Error::NotInstalled { cure, .. }) => {
                absent.insert(program.name().into(), format!("not found; {cure}"));
            }
            // A variable that names no program is more likely a mistake than a wish.
            Err(wrong) => return Err(Failure::cannot(wrong.to_string())),
        }
    }
    Ok(absent)
}

impl super::Settings {
    /// The backends as they are run; `None` in a stack without them.
    pub fn backends(&self) -> Option<NativeSettings> {
        let (ours, more) = (&self.ports, self.ports.backends.as_ref()?);
        let ports = NativePorts {
            collector_grpc: ours.otlp_grpc,
            collector_http: ours.otlp_http,
            collector_health: more.collector_health,
            collector_metrics: more.collector_metrics,
            observatory_grpc: more.observatory_grpc,
            observatory_http: more.observatory_http,
            tempo_http: more.tempo,
            tempo_grpc: more.tempo_grpc,
            tempo_otlp_grpc: more.tempo_otlp_grpc,
            tempo_otlp_http: more.tempo_otlp_http,
            prometheus: more.prometheus,
            loki_http: more.loki,
            loki_grpc: more.loki_grpc,
        };
        let mut backends = NativeSettings::new(self.state.join(super::BACKENDS), ports);
        backends.logs = Some(super::logs(&self.state));
        if self.runs("tempo") {
            backends.extras.push(Extra::Observatory);
        } else {
            // The observatory in its place; what the Collector keeps for it is then kept for that one.
            backends.traces_to = TracesTo::Observatory;
        }
        if self.runs("loki") {
            backends.extras.push(Extra::Loki);
        }
        Some(backends)
    }

    /// Whether a backend that this stack can do without is part of it.
    pub fn runs(&self, name: &str) -> bool {
        self.ports.backends.is_some() && !self.absent.contains_key(name)
    }
}
