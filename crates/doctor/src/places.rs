//! Where everything on the way answers.

use std::path::PathBuf;

/// Where everything on the way answers, each as `http://host:port`.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// nginx.
    pub gateway: String,
    /// The chain's services by name, in the chain's order.
    pub services: Vec<(String, String)>,
    /// The Collector's own metrics; none where spans go straight into the store.
    pub collector: Option<String>,
    /// Tempo's API.
    pub tempo: Option<String>,
    /// The observatory's API.
    pub observatory: Option<String>,
    /// Prometheus.
    pub prometheus: Option<String>,
    /// Grafana.
    pub grafana: Option<String>,
    /// Who is to listen where on this machine; empty where that is not known.
    pub listeners: Vec<Listener>,
    /// Processes of this machine by the service's name, whose settings are looked at.
    pub processes: Vec<(String, u32)>,
    /// Docker's client, where services may run in containers: it knows their settings.
    pub docker: Option<PathBuf>,
}

/// A part of the stack with a port of this machine.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Which part.
    pub part: String,
    /// Its port.
    pub port: u16,
    /// Whether it runs, so that the port is its own.
    pub runs: bool,
}
