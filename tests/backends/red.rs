//! Rate and errors count every request, also where a tenth is stored; and all that went wrong is stored.

use crate::counted;
use crate::wait::until;
use crate::world;

/// In both worlds the same.
pub async fn every_request_and_every_error_is_counted() {
    for world in [world::everything_kept().await, world::sampled().await] {
        counted::every_request_and_every_error(&world.set.prometheus(), world.counts).await;
    }
}

/// What a client may ask about is there; of the rest a share is, and each trace is there as a whole or not at all.
pub async fn all_errors_are_stored_and_a_share_of_the_rest() {
    let world = world::sampled().await;
    let observatory = world.set.observatory();
    for sent in world.sent.iter().filter(|sent| sent.status >= 400) {
        observatory.expect(&sent.trace_id, sent.outline).await;
        if world.set.tempo.is_some() {
            until("the trace is in Tempo", async || world.set.tempo().trace(&sent.trace_id).await).await;
        }
    }
    let mut kept = 0;
    for sent in world.sent.iter().filter(|sent| sent.status == 200) {
        if observatory.server().store().trace(sent.trace_id.parse().expect("a trace id")).is_some() {
            observatory.expect(&sent.trace_id, sent.outline).await;
            kept += 1;
        }
    }
    println!("sampling: {kept} of {} traces that went well are kept", world.counts.whole);
    assert!((1..=world.counts.whole / 2).contains(&kept), "a tenth should be kept");
}
