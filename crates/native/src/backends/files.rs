//! The backends' configuration files, as they are in the checkout.

use super::ports::Ports;
use super::settings::{Settings, TracesTo};
use crate::{Error, Result, state};
use std::fs;
use std::path::{Path, PathBuf};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../", $name)))),*]
    };
}

/// Which components the Collector of our own has.
pub const BUILDER: &str = include_str!("../../../../otel-collector/builder.yaml");
/// Prometheus has no variables in its file.
const PROMETHEUS: &str = "prometheus/prometheus.yaml";

const FILES: [(&str, &str); 10] = files![
    "otel-collector/config.yaml",
    "otel-collector/sampling.yaml",
    "otel-collector/loki.yaml",
    "otel-collector/jaeger.yaml",
    "otel-collector/observatory.yaml",
    "prometheus/prometheus.yaml",
    "prometheus/rules/alerts.yaml",
    "prometheus/rules/recording.yaml",
    "tempo/tempo.yaml",
    "loki/loki.yaml",
];

/// Writes all of them into `configuration` in the set's directory, and says where that is.
pub fn write(settings: &Settings) -> Result<PathBuf> {
    let folder = std::path::absolute(&settings.directory).map_err(Error::file("find", &settings.directory))?;
    let folder = folder.join("configuration");
    for (name, text) in FILES {
        let path = folder.join(name);
        state::create(path.parent().unwrap_or(Path::new("/")))?;
        let text = if name == PROMETHEUS { of_this_machine(text, settings) } else { text.to_owned() };
        fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(folder)
}

/// Prometheus' file with this machine's addresses, and with no Tempo to scrape where there is none: a target that can never
/// answer would be an alert for ever.
fn of_this_machine(text: &str, settings: &Settings) -> String {
    let text = with_addresses(text, &settings.ports);
    match settings.traces_to {
        TracesTo::Tempo => text,
        TracesTo::Observatory => without_job(&text, "tempo"),
    }
}

/// The file without one of its `scrape_configs`, each of which begins with its `- job_name:`.
fn without_job(text: &str, name: &str) -> String {
    const BEGINNING: &str = "  - job_name: ";
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        if let Some(job) = line.strip_prefix(BEGINNING) {
            inside = job == name;
        } else if !line.starts_with("    ") {
            inside = false;
        }
        !inside
    });
    kept.map(|line| format!("{line}\n")).collect()
}

/// What Prometheus' file calls by the names of Compose, by this machine's addresses.
fn with_addresses(text: &str, ports: &Ports) -> String {
    let addresses = addresses(ports);
    addresses.iter().fold(text.to_owned(), |text, (name, port)| text.replace(name, &Ports::address(*port).to_string()))
}

fn addresses(ports: &Ports) -> [(&'static str, u16); 4] {
    [
        ("prometheus:9090", ports.prometheus),
        ("tempo:3200", ports.tempo_http),
        ("otel-collector:8888", ports.collector_metrics),
        ("loki:3100", ports.loki_http),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_is_told_this_machines_addresses_only() {
        let (_, text) = FILES.iter().find(|(name, _)| *name == PROMETHEUS).unwrap();
        let rendered = with_addresses(text, &Ports::free().unwrap());
        let targets = |text: &str| text.matches("targets:").count();
        let here = rendered.lines().filter(|line| line.contains("targets: [\"127.0.0.1:")).count();
        assert!(targets(text) > 0 && targets(&rendered) == here, "{rendered}");
    }

    #[test]
    fn a_tempo_that_is_not_there_is_not_scraped() {
        let (_, text) = FILES.iter().find(|(name, _)| *name == PROMETHEUS).unwrap();
        let mut settings = Settings::new("/nowhere", Ports::free().unwrap());
        assert!(of_this_machine(text, &settings).contains("- job_name: tempo\n"));
        settings.traces_to = TracesTo::Observatory;
        let rendered = of_this_machine(text, &settings);
        let jobs = |text: &str| text.matches("- job_name: ").count();
        assert!(!rendered.contains("tempo") && jobs(&rendered) + 1 == jobs(text), "{rendered}");
        assert_eq!(jobs(&rendered), rendered.matches("targets:").count(), "{rendered}");
    }
}
