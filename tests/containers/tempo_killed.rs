//! Tempo is killed while the chain is busy, and comes back after a minute.

use crate::account::Account;
use crate::load;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use crate::traces::whole;
use crate::traffic::{self, Counts, Sent};
use crate::up::all_are_well;
use crate::wait::until;
use std::time::Duration;

/// Requests a second.
const RATE: u32 = 200;
/// How long it is away.
const AWAY: Duration = Duration::from_secs(60);
/// What is looked at trace by trace, beside the load: so many before, three times while it is away, and after.
const SOME: Counts = Counts { whole: 8, failing: 2, unknown_user: 2, no_route: 0 };

/// What Tempo had taken shortly before is in docs/TELEMETRY.md; everything else is there, and the Collector has given nothing
/// up.
pub async fn nothing_is_lost_while_it_is_away() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let gateway = stack.gateway().expect("an address");
    let before = Account::settled(&stack).await;
    load::begin(&stack, RATE).await;
    let mut all = traffic::send(&gateway, SOME).await;
    found_by_a_search(&stack, &all).await;
    let tempo = stack.container("tempo").expect("it is there");
    stack.docker().ask(&["kill", &tempo.id]).expect("it is killed");
    for _ in 0..3 {
        all.extend(traffic::send(&gateway, SOME).await);
        tokio::time::sleep(AWAY / 3).await;
    }
    let waiting = stack.collector().await.expect("figures").sum("otelcol_exporter_queue_size", "otlp_grpc/tempo");
    assert!(waiting > 0.0, "the Collector should have something for Tempo");
    assert!(!stack.container("tempo").expect("it is there").running, "it should be away");
    let reached = load::reached(&stack).await.expect("a rate");
    stack.docker().ask(&["start", &tempo.id]).expect("it comes back");
    until("all are healthy again", async || all_are_well(&stack)).await;
    all.extend(traffic::send(&gateway, SOME).await);
    load::end(&stack);
    let tempo = stack.tempo().expect("an address");
    for sent in &all {
        whole(&tempo, &sent.trace_id, sent.outline).await;
    }
    let spans = Account::settled(&stack).await.since(before);
    println!(
        "{reached:.0} requests/s; {waiting} requests for Tempo waited on the disk; {} traces, each whole; {spans:?}",
        all.len()
    );
    assert_eq!((spans.sent, spans.given_up), (spans.accepted, 0.0), "Tempo was given something else than there was");
    Outcome::Passed
}

/// Waits until Tempo has cut all of them into a block, which a kill does not take away.
async fn found_by_a_search(stack: &Stack, all: &[Sent]) {
    let tempo = stack.tempo().expect("an address");
    for sent in all {
        until("a search finds the trace", async || {
            // By its id: a search for everything would find the load.
            let found = tempo.search(&format!("{{ trace:id = \"{}\" }}", sent.trace_id)).await?;
            if found.is_empty() { Err(sent.trace_id.clone()) } else { Ok(()) }
        })
        .await;
    }
}
