//! How long it takes from an answer until TraceQL finds its trace in Tempo. A figure, not a verdict: other programs may be
//! using the machine.

use std::time::{Duration, Instant};

use native::backends::Extra;

use crate::harness::Plan;
use crate::set::{Set, Wanted};
use crate::wait::until;

/// So many requests, one after the other.
const REQUESTS: usize = 8;
/// The last service of the chain: its spans are the last that are exported.
const QUERY: &str = "{ resource.service.name = \"audit-service\" }";

/// The aim is 3 s.
pub async fn without_sampling() {
    measure("without sampling, aim 3 s", Vec::new()).await;
}

/// The aim is 4 s: a trace is decided on a second after its root.
pub async fn with_sampling() {
    measure("with sampling, aim 4 s", vec![Extra::Sampling]).await;
}

async fn measure(how: &str, extras: Vec<Extra>) {
    let variables = vec![("SAMPLING_PERCENT", "100".to_owned())];
    let set = Set::start(&Wanted { tempo: true, extras, variables, ..Wanted::default() }).await;
    let chain = Plan { endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await;
    let tempo = set.tempo();
    // The first request of a process pays for connections.
    until_found(&tempo, chain.plain().await.trace_id()).await;
    let mut lags = Vec::new();
    for _ in 0..REQUESTS {
        let answer = chain.plain().await;
        lags.push(until_found(&tempo, answer.trace_id()).await);
    }
    lags.sort();
    let seconds = |lag: Option<&Duration>| lag.map_or(0.0, Duration::as_secs_f64);
    let (least, median, most) = (seconds(lags.first()), seconds(lags.get(REQUESTS / 2)), seconds(lags.last()));
    println!("search lag {how}: {least:.2} / {median:.2} / {most:.2} s (least / median / most of {REQUESTS})");
}

async fn until_found(tempo: &crate::tempo::Tempo, trace_id: &str) -> Duration {
    let begun = Instant::now();
    until("TraceQL finds the trace", async || {
        let found = tempo.search(QUERY).await?;
        if found.iter().any(|id| id == trace_id) { Ok(()) } else { Err(format!("only {found:?}")) }
    })
    .await;
    begun.elapsed()
}
