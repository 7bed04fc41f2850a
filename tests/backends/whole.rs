//! Every trace is whole wherever traces are kept, whatever became of its request.

use testkit::backend::outline_of;

use crate::wait::until;
use crate::world::{self, World};

/// In our own backend, behind the Collector.
pub async fn every_trace_is_whole_in_the_observatory() {
    let world = world::everything_kept().await;
    for sent in &world.sent {
        world.set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
}

/// In Tempo.
pub async fn every_trace_is_whole_in_tempo() {
    let world = world::everything_kept().await;
    in_tempo(&world).await;
}

async fn in_tempo(world: &World) {
    let tempo = world.set.tempo();
    for sent in &world.sent {
        let wanted = outline_of(sent.outline);
        let tree = until("the trace is in Tempo", async || {
            let tree = tempo.trace(&sent.trace_id).await?;
            if tree.len() >= wanted.lines().count() { Ok(tree) } else { Err(tree.outline()) }
        })
        .await;
        assert_eq!(tree.outline().trim_end(), wanted, "the trace is not what it should be");
    }
}
