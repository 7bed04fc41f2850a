//! `cargo stack doctor`: where telemetry is lost, and what to do.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::{FAILED, Failure, Outcome};
use crate::settings::Settings;
use crate::supervisor::Status;
use doctor::{Finding, Listener, Places, State, examine};
use std::path::Path;

const EXAMPLES: &str = "Examples:
  cargo stack doctor            the stack that runs here, natively or in containers
  cargo stack doctor --json | jq '.findings[] | select(.state == \"failed\")'
  cargo stack doctor --gateway http://10.0.0.5:8080 --tempo http://10.0.0.6:3200

It sends one request and follows its spans. The exit code is 1 when something does not work.";

/// Send a request, follow its spans, say where they are lost
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    places: PlacesArgs,
}

/// Examines, prints, and fails when something does not work.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let places = places(&context.state, &args.places)?;
    let report = examine(&places, &context.state).await;
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| Failure::failed(error.to_string()))?;
        context.terminal.line(json);
    } else {
        report.findings.iter().for_each(|finding| print(context, finding));
        let failed = report.findings.iter().filter(|finding| finding.state == State::Failed).count();
        context.terminal.line(match failed {
            0 => context.terminal.bold("everything on the way works"),
            1 => context.terminal.bold("one thing does not work"),
            more => context.terminal.bold(&format!("{more} things do not work; begin with the first")),
        });
    }
    Ok(if report.is_healthy() { 0 } else { FAILED })
}

fn print(context: &Context, finding: &Finding) {
    let terminal = &context.terminal;
    let (colour, mark) = match finding.state {
        State::Ok => ("32", "ok"),
        State::Warning => ("33", "!!"),
        State::Failed => ("31", "xx"),
        State::Skipped => ("2", "--"),
    };
    terminal.line(format!("{} {}: {}", terminal.paint(colour, mark), terminal.bold(&finding.part), finding.seen));
    if let Some(advice) = &finding.advice {
        terminal.line(format!("   {advice}"));
    }
}

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

/// Those of the stack that runs from this state directory, else those of docker-compose.yaml, but for what is given.
fn places(state: &Path, args: &PlacesArgs) -> Result<Places, Failure> {
    let mut places = match Client::find(state) {
        Some(client) => native(&client.status()?),
        None => compose(),
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

fn native(status: &Status) -> Places {
    let ports = &status.settings.ports;
    let backends = ports.backends.as_ref();
    let running = |name: &str, port: u16| {
        status.processes.iter().any(|process| process.name == name).then(|| Settings::url(port))
    };
    let runs = |name: &str| status.processes.iter().any(|process| process.name == name && process.pid.is_some());
    let listeners = ports.all().into_iter().filter(|listener| !status.settings.absent.contains_key(listener.process));
    let listener = |port: u16, part: &str| Listener { part: part.to_owned(), port, runs: runs(part) };
    let processes = status.processes.iter().filter_map(|process| Some((process.name.clone(), process.pid?)));
    Places {
        gateway: Settings::url(ports.gateway),
        services: services([ports.user, ports.order, ports.audit]),
        collector: backends.map(|backends| Settings::url(backends.collector_metrics)),
        tempo: backends.and_then(|backends| running("tempo", backends.tempo)),
        observatory: Some(Settings::url(ports.observatory)),
        prometheus: backends.map(|backends| Settings::url(backends.prometheus)),
        grafana: None,
        listeners: listeners.map(|of| listener(of.port, of.process)).collect(),
        processes: processes.collect(),
        docker: None,
    }
}

/// The ports of `.env`.
fn compose() -> Places {
    let url = |port| Some(Settings::url(port));
    Places {
        gateway: Settings::url(8080),
        services: services([5001, 5002, 5003]),
        collector: url(8888),
        tempo: url(3200),
        observatory: None,
        prometheus: url(9090),
        grafana: url(3000),
        docker: native::programs::find("docker").ok(),
        ..Places::default()
    }
}

fn services(ports: [u16; 3]) -> Vec<(String, String)> {
    let names = ["user-service", "order-service", "audit-service"];
    names.into_iter().zip(ports).map(|(name, port)| (name.to_owned(), Settings::url(port))).collect()
}
