//! What Prometheus has, and whether its exemplars lead to traces.

use super::finding::Report;
use super::places::Places;
use super::web::Web;
use std::time::{Duration, Instant};

/// How often Prometheus is asked.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Looks at what Prometheus has, and at Grafana. Metrics leave the services, the Collector and Tempo every five seconds, and
/// Tempo's first ones take longer: what is not there is asked for until the deadline.
pub async fn examine(web: &Web, places: &Places, deadline: Instant, report: &mut Report) {
    if let Some(url) = &places.prometheus {
        match web.text(&format!("{url}/-/ready")).await {
            Ok(_) => prometheus(web, url, places, deadline, report).await,
            Err(why) => report.fail(
                "prometheus",
                format!("{url} {why}"),
                "start it: `cargo stack start prometheus` or `docker compose up -d prometheus`",
            ),
        }
    }
    if let Some(url) = &places.grafana {
        match web.json(&format!("{url}/api/health")).await {
            Ok(_) => report.ok("grafana", format!("{url} is up")),
            Err(why) => report.fail("grafana", format!("{url} {why}"), "start it: `docker compose up -d grafana`"),
        }
    }
}

async fn prometheus(web: &Web, url: &str, places: &Places, deadline: Instant, report: &mut Report) {
    let mut absent = Vec::new();
    for (service, _) in &places.services {
        let query = format!("count(http_server_request_duration_seconds_count{{service_name=\"{service}\"}})");
        if !has(web, url, &query, deadline).await {
            absent.push(service.as_str());
        }
    }
    match absent.is_empty() {
        true => report.ok("prometheus", "has metrics of every service"),
        false => report.fail(
            "prometheus",
            format!("has no metrics of {}", absent.join(", ")),
            "look at OTEL_METRICS_EXPORTER of the service, and whether Prometheus runs with --web.enable-otlp-receiver",
        ),
    }
    if places.collector.is_some() {
        let query = "count(traces_service_graph_request_total{source=\"collector\"})";
        match has(web, url, query, deadline).await {
            true => report.ok("service graph", "the Collector makes it"),
            false => report.fail(
                "service graph",
                "the Collector has made none",
                "look at the pipeline metrics/from-spans in otel-collector/config.yaml",
            ),
        }
    }
    if places.tempo.is_some() {
        let query = "count(traces_service_graph_request_total{source=\"tempo\"})";
        match has(web, url, query, deadline).await {
            true => report.ok("tempo, generator", "makes metrics of what it stores"),
            false => report.fail(
                "tempo, generator",
                "Prometheus has nothing of it",
                "ask again in a minute where Tempo has just come up: its first metrics take that long; otherwise look at metrics_generator.processors in tempo/tempo.yaml, and whether Prometheus runs with --web.enable-remote-write-receiver",
            ),
        }
    }
    exemplars(web, url, places, deadline, report).await;
}

/// Asks until there is an answer that is not empty.
async fn has(web: &Web, url: &str, query: &str, deadline: Instant) -> bool {
    loop {
        if web.query(url, query).await.is_ok_and(|series| !series.is_empty()) {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn exemplars(web: &Web, url: &str, places: &Places, deadline: Instant, report: &mut Report) {
    let found = loop {
        let ids = web.exemplars(url).await.unwrap_or_default();
        if !ids.is_empty() || Instant::now() >= deadline {
            break ids;
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    let Some(newest) = found.last() else {
        report.fail(
            "exemplars",
            "Prometheus has none",
            "it needs --enable-feature=exemplar-storage; the services OTEL_METRICS_EXEMPLAR_FILTER=trace_based; the Collector exemplars.enabled in span_metrics",
        );
        return;
    };
    let Some(tempo) = &places.tempo else {
        report.ok("exemplars", format!("Prometheus has {}", found.len()));
        return;
    };
    match web.text(&format!("{tempo}/api/v2/traces/{newest}")).await {
        Ok(_) => report.ok("exemplars", format!("Prometheus has {}; the newest opens trace {newest}", found.len())),
        Err(_) => report.warn(
            "exemplars",
            format!("the newest names trace {newest}, which Tempo does not have"),
            "where nothing else is wrong: with tail sampling set OTEL_METRICS_EXEMPLAR_FILTER=always_off, for the services cannot know what is kept",
        ),
    }
}
