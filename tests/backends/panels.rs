//! Every query of every dashboard has something to show.

use crate::dashboards::{Query, links, queries};
use crate::prometheus::Prometheus;
use crate::wait::until;
use crate::world;

/// What Grafana's service map is drawn from. Source: grafana/grafana, tempo data source, `graphTransform.ts`.
pub const SERVICE_MAP: [&str; 4] = [
    "traces_service_graph_request_total",
    "traces_service_graph_request_failed_total",
    "traces_service_graph_request_server_seconds_sum",
    "traces_service_graph_request_server_seconds_bucket",
];

/// How the metrics begin that Tempo has of itself.
pub const OF_TEMPO: &str = "tempo_";

/// PromQL, whether everything or a tenth is stored.
pub async fn every_query_of_metrics_returns_data() {
    let queries: Vec<_> = queries().into_iter().chain(links()).collect();
    for world in [world::everything_kept().await, world::sampled().await] {
        let prometheus = world.set.prometheus();
        let mut asked = 0;
        for (place, query) in &queries {
            let expressions = match query {
                Query::Metrics(expression) => vec![expression.clone()],
                Query::ServiceMap(labels) => SERVICE_MAP.iter().map(|metric| format!("{metric}{labels}")).collect(),
                Query::Values(selector, label) => {
                    values(&prometheus, place, selector, label).await;
                    continue;
                }
                Query::Traces(_) | Query::Logs(_) => continue,
            };
            for expression in expressions {
                if expression.contains(OF_TEMPO) && world.set.tempo.is_none() {
                    println!("panels: skipped without tempo: {expression}");
                    continue;
                }
                returns_data(&prometheus, place, &expression).await;
                asked += 1;
            }
        }
        println!("panels: {asked} queries of metrics return data");
    }
}

/// TraceQL.
pub async fn every_query_of_traces_returns_data() {
    for world in [world::everything_kept().await, world::sampled().await] {
        let mut asked = 0;
        for (place, query) in queries() {
            let Query::Traces(query) = query else { continue };
            until(&place, async || {
                let found = world.set.tempo().search(&query).await?;
                if found.is_empty() { Err(format!("{query} finds nothing")) } else { Ok(()) }
            })
            .await;
            asked += 1;
        }
        assert!(asked > 0, "no panel asks for traces");
        println!("panels: {asked} queries of traces return data");
    }
}

/// LogQL.
pub async fn every_query_of_logs_returns_data() {
    let world = world::everything_kept().await;
    let loki = world.set.loki();
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
    println!("panels: {asked} queries of logs return data");
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
