//! Every query of every dashboard has something to show.

use crate::shown;
use crate::world;

/// PromQL, whether everything or a tenth is stored.
pub async fn every_query_of_metrics_returns_data() {
    for world in [world::everything_kept().await, world::sampled().await] {
        let asked = shown::metrics(&world.set.prometheus(), world.set.tempo.is_some()).await;
        println!("panels: {asked} queries of metrics return data");
    }
}

/// TraceQL.
pub async fn every_query_of_traces_returns_data() {
    for world in [world::everything_kept().await, world::sampled().await] {
        let asked = shown::traces(&world.set.tempo()).await;
        println!("panels: {asked} queries of traces return data");
    }
}

/// LogQL.
pub async fn every_query_of_logs_returns_data() {
    let world = world::everything_kept().await;
    let asked = shown::logs(&world.set.loki()).await;
    println!("panels: {asked} queries of logs return data");
}
