//! What the Collector has taken is not lost when the backend is away, nor when the Collector itself is killed meanwhile.

use native::backends::{Extra, Ports};
use testkit::Client;
use testkit::backend::outline_of;

use crate::collector_metrics::CollectorMetrics;
use crate::harness::{Chain, Plan};
use crate::ledger::everything_is_exported;
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts, Sent};
use crate::wait::until;
use crate::world::services;

/// So many requests before, during and after.
const SOME: Counts = Counts { whole: 4, failing: 2, unknown_user: 1, no_route: 1 };

/// Our own backend in Tempo's place: it forgets everything when it ends, so what is there later came later.
pub async fn nothing_is_lost_while_the_observatory_is_away() {
    let mut set = Set::start(&Wanted::default()).await;
    let chain = chain(&set).await;
    for sent in traffic::send(&chain, SOME).await {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
    set.stop_observatory().await;
    let mut missed = traffic::send(&chain, SOME).await;
    on_disk_then_killed(&mut set, &chain).await;
    missed.extend(traffic::send(&chain, SOME).await);
    set.start_observatory().await;
    for sent in missed {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
}

/// Tempo itself. What it took before it was killed is there as well, once it has been cut, which is when a search finds it;
/// what it took in the second or two before that was only in its memory.
pub async fn nothing_is_lost_while_tempo_is_away() {
    let mut set = Set::start(&Wanted { tempo: true, ..Wanted::default() }).await;
    let chain = chain(&set).await;
    let mut all = traffic::send(&chain, SOME).await;
    whole_in_tempo(&set, &all).await;
    cut(&set, &all).await;
    set.tempo.as_mut().expect("it runs").kill();
    all.extend(traffic::send(&chain, SOME).await);
    on_disk_then_killed(&mut set, &chain).await;
    all.extend(traffic::send(&chain, SOME).await);
    set.tempo.as_mut().expect("it is there").again().expect("it starts again");
    whole_in_tempo(&set, &all).await;
}

/// What waits for a decision is only in memory, but an orderly end decides it, and then it waits on the disk, too.
pub async fn nothing_that_is_kept_is_lost_by_a_restart_with_sampling() {
    let variables = vec![("SAMPLING_PERCENT", "100".to_owned())];
    let mut set = Set::start(&Wanted { extras: vec![Extra::Sampling], variables, ..Wanted::default() }).await;
    let chain = chain(&set).await;
    set.stop_observatory().await;
    let missed = traffic::send(&chain, SOME).await;
    everything_is_exported(services(&chain)).await;
    set.collector.stop();
    set.collector.again().expect("it starts again");
    set.start_observatory().await;
    for sent in missed {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
}

async fn chain(set: &Set) -> Chain {
    Plan { endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await
}

/// Kills the Collector when it has everything that the services had, and starts it again.
async fn on_disk_then_killed(set: &mut Set, chain: &Chain) {
    everything_is_exported(services(chain)).await;
    let metrics = Client::new(Ports::address(set.settings.ports.collector_metrics));
    until("something waits in the Collector's queue", async || {
        let queued = CollectorMetrics::of(&metrics).await.sum("otelcol_exporter_queue_size", "otlp_grpc/tempo");
        if queued > 0.0 { Ok(()) } else { Err("nothing waits".to_owned()) }
    })
    .await;
    set.collector.kill();
    set.collector.again().expect("it starts again");
}

/// Waits until a search finds all of them.
async fn cut(set: &Set, all: &[Sent]) {
    let tempo = set.tempo();
    until("a search finds what was sent", async || {
        let found = tempo.search("{}").await?;
        let missing: Vec<_> = all.iter().filter(|sent| !found.contains(&sent.trace_id)).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("not {missing:?}")) }
    })
    .await;
}

async fn whole_in_tempo(set: &Set, all: &[Sent]) {
    let tempo = set.tempo();
    for sent in all {
        let wanted = outline_of(sent.outline);
        until("the trace is in Tempo", async || {
            let outline = tempo.trace(&sent.trace_id).await?.outline();
            if outline.trim_end() == wanted { Ok(()) } else { Err(outline) }
        })
        .await;
    }
}
