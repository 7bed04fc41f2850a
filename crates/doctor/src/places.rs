//! Where everything on the way answers.

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
}
