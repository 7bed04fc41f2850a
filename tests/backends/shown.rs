//! Asks what the dashboards ask, and waits until there is something to show.

use crate::dashboards::{Query, links, queries};
use crate::loki::Loki;
use crate::prometheus::Prometheus;
use crate::tempo::Tempo;
use crate::wait::until;

/// What Grafana's service map is drawn from. Source: grafana/grafana, tempo data source, `graphTransform.ts`.
pub const SERVICE_MAP: [&str; 4] = [
    "traces_service_graph_request_total",
    "traces_service_graph_request_failed_total",
    "traces_service_graph_request_server_seconds_sum",
    "traces_service_graph_request_server_seconds_bucket",
];

/// How the metrics begin that Tempo has of itself.
pub const OF_TEMPO: &str = "tempo_";

/// PromQL, of panels, variables and links between data sources. Returns how many were asked.
pub async fn metrics(prometheus: &Prometheus, with_tempo: bool) -> usize {
    let mut asked = 0;
    for (place, query) in queries().into_iter().chain(links()) {
        let expressions = match query {
            Query::Metrics(expression) => vec![expression],
            Query::ServiceMap(labels) => SERVICE_MAP.iter().map(|metric| format!("{metric}{labels}")).collect(),
            Query::Values(selector, label) => {
                values(prometheus, &place, &selector, &label).await;
                continue;
            }
            Query::Traces(_) | Query::Logs(_) => continue,
        };
        for expression in expressions {
            if expression.contains(OF_TEMPO) && !with_tempo {
                println!("panels: skipped without tempo: {expression}");
                continue;
            }
            returns_data(prometheus, &place, &expression).await;
            asked += 1;
        }
    }
    asked
}

/// TraceQL. Returns how many were asked.
pub async fn traces(tempo: &Tempo) -> usize {
    let mut asked = 0;
    for (place, query) in queries() {
        let Query::Traces(query) = query else { continue };
        until(&place, async || {
            let found = tempo.search(&query).await?;
            if found.is_empty() { Err(format!("{query} finds nothing")) } else { Ok(()) }
        })
        .await;
        asked += 1;
    }
    assert!(asked > 0, "no panel asks for traces");
    asked
}

/// LogQL. Returns how many were asked.
pub async fn logs(loki: &Loki) -> usize {
    let mut asked = 0;
    for (place, query) in queries() {
        let Query::Logs(query) = query else { continue };
        until(&place, async || {
            let found = loki.query(&query).await?;
            let shown: usize = found.iter().map(|found| found.values).sum();
            if shown > 0 { Ok(()) } else { Err(format!("{query} finds nothing")) }
        })
        .await;
        asked += 1;
    }
    assert!(asked > 0, "no panel asks for logs");
    asked
}

/// Waits until an expression gives a number.
pub async fn returns_data(prometheus: &Prometheus, place: &str, expression: &str) {
    until(place, async || {
        let samples = prometheus.query(expression).await?;
        // Nothing divided by nothing is not a number, and draws nothing.
        let shown = samples.iter().filter(|sample| sample.value.is_finite()).count();
        if shown > 0 { Ok(()) } else { Err(format!("{expression} gives {samples:?}")) }
    })
    .await;
}

async fn values(prometheus: &Prometheus, place: &str, selector: &str, label: &str) {
    until(place, async || {
        let values = prometheus.label_values(selector, label).await?;
        if values.is_empty() { Err(format!("{selector} has no {label}")) } else { Ok(()) }
    })
    .await;
}
