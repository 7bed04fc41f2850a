//! Every exemplar opens: the trace that it names is where traces are kept.

use std::collections::BTreeSet;

use crate::prometheus::Exemplar;
use crate::wait::until;
use crate::world::{self, World};

/// Of the Collector, and of the services themselves.
const KEPT: [&str; 2] = ["traces_span_metrics_duration_seconds_bucket", "http_server_request_duration_seconds_bucket"];
/// The Collector's second ones, made of what is stored.
const SAMPLED: [&str; 1] = ["traces_kept_duration_seconds_bucket"];
/// Tempo's.
const OF_TEMPO: [&str; 2] = ["traces_spanmetrics_latency_bucket", "traces_service_graph_request_server_seconds_bucket"];

/// Where every trace is kept, every exemplar is one of a kept trace.
pub async fn every_exemplar_opens_where_everything_is_kept() {
    let world = world::everything_kept().await;
    all_open(&world, &KEPT).await;
}

/// Where a tenth is kept, there are none but those of kept traces.
pub async fn every_exemplar_opens_where_a_tenth_is_kept() {
    let world = world::sampled().await;
    all_open(&world, &SAMPLED).await;
}

async fn all_open(world: &World, from: &[&str]) {
    let mut from = from.to_vec();
    if world.set.tempo.is_some() {
        from.extend(OF_TEMPO);
    }
    let prometheus = world.set.prometheus();
    let exemplars = until("there are exemplars", async || {
        let exemplars = prometheus.exemplars("{__name__=~\".+\"}").await?;
        let metrics: BTreeSet<_> = exemplars.iter().map(|exemplar| exemplar.metric.as_str()).collect();
        let missing: Vec<_> = from.iter().filter(|metric| !metrics.contains(*metric)).collect();
        if missing.is_empty() { Ok(exemplars) } else { Err(format!("none of {missing:?}, only of {metrics:?}")) }
    })
    .await;
    for exemplar in &exemplars {
        opens(world, exemplar).await;
    }
    let metrics: BTreeSet<_> = exemplars.iter().map(|exemplar| exemplar.metric.as_str()).collect();
    println!("exemplars: {} of {} metrics, and all open", exemplars.len(), metrics.len());
}

async fn opens(world: &World, exemplar: &Exemplar) {
    let trace_id = exemplar.labels.get("trace_id").unwrap_or_else(|| panic!("no trace_id: {exemplar:?}"));
    // Tempo leaves leading zeros out (grafana/tempo#5517), and finds such a trace all the same.
    let whole = format!("{trace_id:0>32}");
    assert!(*trace_id == whole || exemplar.is_from("tempo"), "{exemplar:?}");
    world.set.observatory().trace(&whole, |tree| !tree.is_empty()).await;
    if world.set.tempo.is_some() {
        until("the exemplar's trace is in Tempo", async || world.set.tempo().trace(trace_id).await).await;
    }
}
