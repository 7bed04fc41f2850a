//! docs/TELEMETRY.md has every metric, with its type and its labels, and no others.

use std::collections::{BTreeMap, BTreeSet};

use testkit::openmetrics::{Exposition, Sample};
use testkit::{Backend, Client, Settings, fraud_service};

use crate::exercise;
use crate::markdown::{names, read, rows};

const DOCUMENT: &str = "docs/TELEMETRY.md";

/// By name: the type and the labels.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_a_service_is_documented_with_its_labels() {
    let documented = documented("### user-service, order-service, audit-service");
    let (mut real, mut reasons) = (Metrics::new(), BTreeSet::new());
    for text in exercise::everything().await.metrics {
        reasons.extend(reasons_of_losses(&text));
        for (name, (kind, labels)) in of_service(&text) {
            real.entry(name).or_insert((kind, BTreeSet::new())).1.extend(labels);
        }
    }
    assert_eq!(documented, real, "{DOCUMENT} on the left, /metrics on the right");

    let documented = rows(&read(DOCUMENT), "### The account of spans").into_iter().flat_map(|row| {
        let on: Vec<_> = row[1].split(", ").map(str::to_owned).collect();
        on.into_iter().map(move |on| (on, names(&row[0]).concat()))
    });
    assert_eq!(documented.collect::<BTreeSet<_>>(), reasons, "{DOCUMENT} on the left, /metrics on the right");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_spool_is_documented_with_its_labels() {
    let (backend, directory) = (Backend::start().await, tempfile::tempdir().expect("a folder"));
    let of = async |settings: Settings| {
        let config = fraud_service::config(settings.environment()).expect("valid settings");
        let server = fraud_service::start(config).await.expect("it starts");
        let text = Client::new(server.address()).get("/metrics").await.text;
        server.stop().await;
        of_service(&text)
    };
    let without = of(Settings::new(&backend)).await;
    let directory = directory.path().to_str().expect("a plain path");
    let with = of(Settings::new(&backend).with("TELEMETRY_SPOOL_DIRECTORY", directory)).await;
    let more: Metrics = with.into_iter().filter(|(name, _)| !without.contains_key(name)).collect();
    assert_eq!(documented("### The spool"), more, "{DOCUMENT} on the left, /metrics on the right");
}

/// Where spans are counted as lost, and why: those that every process has a count of.
fn reasons_of_losses(text: &str) -> BTreeSet<(String, String)> {
    let metrics = [
        ("processed", "otel_sdk_processor_span_processed_total"),
        ("exported", "otel_sdk_exporter_span_exported_total"),
    ];
    let samples = Exposition::parse(text).0;
    let reason = |sample: &Sample| {
        let (on, _) = metrics.iter().find(|(_, name)| *name == sample.name)?;
        Some(((*on).to_owned(), sample.labels.get("error_type")?.clone()))
    };
    samples.iter().filter_map(reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_gateway_spans_is_documented() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut config =
        gateway_spans::Config::new(directory.path().join("access.log"), "http://127.0.0.1:1/v1/traces").expect("a URL");
    config.listen = Some(([127, 0, 0, 1], 0).into());
    let server = gateway_spans::start(config).await.expect("it starts");
    let text = Client::new(server.http_addr().expect("an address")).get("/metrics").await.text;
    let real: Metrics = types(&text).map(|(name, kind)| (name, (kind, BTreeSet::new()))).collect();
    assert_eq!(documented("### gateway-spans"), real, "{DOCUMENT} on the left, /metrics on the right");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_of_the_observatorys_status_is_documented() {
    let backend = Backend::start().await;
    let status = Client::new(backend.server().http_addr()).get("/api/status").await.body;
    let real: BTreeSet<_> = status.as_object().expect("an object").keys().cloned().collect();
    let documented: BTreeSet<_> =
        rows(&read(DOCUMENT), "### observatory").iter().flat_map(|row| names(&row[0])).collect();
    assert_eq!(documented, real, "{DOCUMENT} on the left, /api/status on the right");
}

fn documented(heading: &str) -> Metrics {
    let rows = rows(&read(DOCUMENT), heading).into_iter();
    rows.map(|row| (names(&row[0]).concat(), (row[1].clone(), names(&row[2]).into_iter().collect()))).collect()
}

fn of_service(text: &str) -> Metrics {
    let samples = Exposition::parse(text).0;
    let metric = |(family, kind): (String, String)| {
        let name = match kind.as_str() {
            "counter" => format!("{family}_total"),
            "info" => format!("{family}_info"),
            _ => family,
        };
        let own = samples.iter().filter(|sample| sample.name.strip_prefix(&name).is_some_and(is_suffix));
        let labels = own.flat_map(|sample| sample.labels.keys().cloned()).filter(|label| label != "le");
        (name.clone(), (kind, labels.collect()))
    };
    types(text).map(metric).collect()
}

fn is_suffix(rest: &str) -> bool {
    matches!(rest, "" | "_bucket" | "_sum" | "_count")
}

fn types(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
}
