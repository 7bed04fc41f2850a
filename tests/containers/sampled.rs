//! The stack with `sampling.yaml` and `loki.yaml`, chosen as .env says: a tenth is stored, and all is counted.

use crate::choice::Choice;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use crate::traces::{self, whole};
use crate::traffic::{self, Counts, Sent};
use crate::wait::until;
use crate::{counted, graph, shown};
use std::sync::Arc;
use tokio::sync::Mutex;

/// So many that a share of them is neither none nor all, whatever the dice say.
const ROUND: Counts = Counts { whole: 100, failing: 5, unknown_user: 3, no_route: 0 };
/// A rate needs two samples that differ.
const ROUNDS: usize = 2;
/// Of the Collector's second ones, made of what is stored, and Tempo's.
const WITH_EXEMPLARS: [&str; 2] = ["traces_kept_duration_seconds_bucket", "traces_spanmetrics_latency_bucket"];

/// What the tests of this file have sent; nobody else sends anything to this stack, which begins with nothing.
static SENT: Mutex<Option<Arc<Vec<Sent>>>> = Mutex::const_new(None);

async fn sent() -> Option<(Arc<Stack>, Arc<Vec<Sent>>)> {
    let stack = stack::with(Choice::SampledWithLogs).await?;
    let mut sent = SENT.lock().await;
    if sent.is_none() {
        let gateway = stack.gateway().expect("an address");
        let mut all = Vec::new();
        for rounds in 1..=ROUNDS {
            all.extend(traffic::send(&gateway, ROUND).await);
            graph::settled(&stack.prometheus().expect("an address"), ROUND.times(rounds), &["collector"]).await;
        }
        *sent = Some(Arc::new(all));
    }
    sent.as_ref().map(|sent| (stack, Arc::clone(sent)))
}

/// The same figures as where everything is stored.
pub async fn every_request_every_error_and_every_edge_is_counted() -> Outcome {
    let Some((stack, _)) = sent().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let prometheus = stack.prometheus().expect("an address");
    counted::every_request_and_every_error(&prometheus, ROUND.times(ROUNDS)).await;
    graph::expect(&prometheus, ROUND.times(ROUNDS), "collector").await;
    Outcome::Passed
}

/// What a client may ask about is there; of the rest a share is, and each trace is there as a whole or not at all.
pub async fn all_errors_are_stored_and_a_share_of_the_rest() -> Outcome {
    let Some((stack, sent)) = sent().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let (tempo, mut kept) = (stack.tempo().expect("an address"), 0);
    for sent in sent.iter().filter(|sent| sent.status >= 400) {
        whole(&tempo, &sent.trace_id, sent.outline).await;
    }
    let well: Vec<_> = sent.iter().filter(|sent| sent.status == 200).collect();
    for sent in &well {
        if tempo.trace(&sent.trace_id).await.is_ok() {
            whole(&tempo, &sent.trace_id, sent.outline).await;
            kept += 1;
        }
    }
    println!("sampling: {kept} of {} traces that went well are kept", well.len());
    assert!((1..=well.len() / 2).contains(&kept), "a tenth should be kept");
    Outcome::Passed
}

/// They are of stored traces only.
pub async fn every_exemplar_opens_in_tempo() -> Outcome {
    let Some((stack, _)) = sent().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    traces::exemplars_open(&stack, &WITH_EXEMPLARS).await;
    Outcome::Passed
}

/// PromQL and TraceQL, as where everything is stored.
pub async fn every_query_of_the_dashboards_returns_data() -> Outcome {
    let Some((stack, _)) = sent().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let metrics = shown::metrics(&stack.prometheus().expect("an address"), true).await;
    let traces = shown::traces(&stack.tempo().expect("an address")).await;
    println!("panels: {metrics} queries of metrics and {traces} of traces return data");
    Outcome::Passed
}

/// LogQL; and a failed request's records are found by its trace.
pub async fn every_query_of_logs_returns_data() -> Outcome {
    let Some((stack, sent)) = sent().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let Some(loki) = stack.loki() else { return Outcome::Skipped("needs loki (LOKI_BIN, or its image)") };
    let asked = shown::logs(&loki).await;
    println!("panels: {asked} queries of logs return data");
    for sent in sent.iter().filter(|sent| sent.status == 500) {
        let query = format!("{{service_name=\"user-service\"}} | trace_id = \"{}\"", sent.trace_id);
        until("the trace's records are in Loki", async || {
            let found = loki.query(&query).await?;
            if found.iter().any(|stream| stream.values > 0) { Ok(()) } else { Err(format!("{query} finds nothing")) }
        })
        .await;
    }
    Outcome::Passed
}
