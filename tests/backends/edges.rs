//! Who calls whom: exactly the seven edges of the chain.

use crate::graph::expect;
use crate::world;

/// The Collector counts every request, kept or not.
pub async fn the_collectors_graph_has_exactly_the_seven_edges() {
    for world in [world::everything_kept().await, world::sampled().await] {
        expect(&world.set.prometheus(), world.counts, "collector").await;
    }
}

/// Tempo counts what it is given, which is everything where nothing is sampled.
pub async fn tempos_graph_has_exactly_the_seven_edges() {
    let world = world::everything_kept().await;
    expect(&world.set.prometheus(), world.counts, "tempo").await;
}
