//! Where everything on the way answers.

use crate::client::Client;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::supervisor::Status;
use std::path::Path;

/// Addresses that are not the usual ones.
#[derive(clap::Args)]
#[command(next_help_heading = "Addresses (default: those of the stack that runs, else those of docker-compose.yaml)")]
pub struct PlacesArgs {
    /// The gateway, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
    /// A service, such as order-service=http://127.0.0.1:5002; once for each
    #[arg(long, value_name = "NAME=URL", value_parser = named)]
    service: Vec<(String, String)>,
    /// The Collector's own metrics, such as http://127.0.0.1:8888
    #[arg(long, value_name = "URL")]
    collector: Option<String>,
    /// Tempo's API, such as http://127.0.0.1:3200
    #[arg(long, value_name = "URL")]
    tempo: Option<String>,
    /// The observatory's API, such as http://127.0.0.1:8000
    #[arg(long, value_name = "URL")]
    observatory: Option<String>,
    /// Prometheus, such as http://127.0.0.1:9090
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,
    /// Grafana, such as http://127.0.0.1:3000
    #[arg(long, value_name = "URL")]
    grafana: Option<String>,
}

fn named(text: &str) -> Result<(String, String), String> {
    let (name, url) = text.split_once('=').ok_or("must be NAME=URL")?;
    Ok((name.to_owned(), url.trim_end_matches('/').to_owned()))
}

/// Where everything on the way answers, each as `http://host:port`.
#[derive(Debug, Clone)]
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

impl Places {
    /// Those of the stack that runs from this state directory, else those of docker-compose.yaml, but for what is given.
    pub fn find(state: &Path, args: &PlacesArgs) -> Result<Self, Failure> {
        let mut places = match Client::find(state) {
            Some(client) => Self::native(&client.status()?),
            None => Self::compose(),
        };
        let url = |url: &Option<String>| url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        places.gateway = url(&args.gateway).unwrap_or(places.gateway);
        for (name, given) in &args.service {
            match places.services.iter_mut().find(|(known, _)| known == name) {
                Some((_, url)) => url.clone_from(given),
                None => places.services.push((name.clone(), given.clone())),
            }
        }
        places.collector = url(&args.collector).or(places.collector);
        places.tempo = url(&args.tempo).or(places.tempo);
        places.observatory = url(&args.observatory).or(places.observatory);
        places.prometheus = url(&args.prometheus).or(places.prometheus);
        places.grafana = url(&args.grafana).or(places.grafana);
        Ok(places)
    }

    fn native(status: &Status) -> Self {
        let ports = &status.settings.ports;
        let backends = ports.backends.as_ref();
        let running = |name: &str, port: u16| {
            status.processes.iter().any(|process| process.name == name).then(|| Settings::url(port))
        };
        Self {
            gateway: Settings::url(ports.gateway),
            services: services([ports.user, ports.order, ports.audit]),
            collector: backends.map(|backends| Settings::url(backends.collector_metrics)),
            tempo: backends.and_then(|backends| running("tempo", backends.tempo)),
            observatory: Some(Settings::url(ports.observatory)),
            prometheus: backends.map(|backends| Settings::url(backends.prometheus)),
            grafana: None,
        }
    }

    /// The ports of `.env`.
    fn compose() -> Self {
        let url = |port| Some(Settings::url(port));
        Self {
            gateway: Settings::url(8080),
            services: services([5001, 5002, 5003]),
            collector: url(8888),
            tempo: url(3200),
            observatory: None,
            prometheus: url(9090),
            grafana: url(3000),
        }
    }
}

fn services(ports: [u16; 3]) -> Vec<(String, String)> {
    let names = ["user-service", "order-service", "audit-service"];
    names.into_iter().zip(ports).map(|(name, port)| (name.to_owned(), Settings::url(port))).collect()
}
