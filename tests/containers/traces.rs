//! Traces, edges and exemplars, as tests/backends asserts them of the same programs without containers.

use crate::outlines::{FAILS_ON_PURPOSE, UNKNOWN_USER, WHOLE};
use crate::prometheus::Exemplar;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use crate::tempo::Tempo;
use crate::wait::until;
use std::collections::BTreeSet;
use testkit::backend::outline_of;

/// Enough that histograms have exemplars in several buckets.
const REQUESTS: u64 = 10;
/// Who calls whom.
const EDGES: [(&str, &str); 7] = [
    ("api-gateway", "user-service"),
    ("audit-service", "postgresql"),
    ("order-service", "audit-service"),
    ("order-service", "postgresql"),
    ("user", "api-gateway"),
    ("user-service", "order-service"),
    ("user-service", "postgresql"),
];
/// Of the Collector, of the services themselves, and of Tempo.
const WITH_EXEMPLARS: [&str; 3] = [
    "traces_span_metrics_duration_seconds_bucket",
    "http_server_request_duration_seconds_bucket",
    "traces_spanmetrics_latency_bucket",
];

/// Requests that succeed, fail and are refused.
pub async fn every_trace_is_whole_in_tempo() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let mut sent = Vec::new();
    for number in 1..=REQUESTS {
        sent.push((stack.process(1000 + number).await.expect("an answer"), 200, WHOLE));
    }
    sent.push((stack.fail().await.expect("an answer"), 500, FAILS_ON_PURPOSE));
    sent.push((stack.process(5).await.expect("an answer"), 404, UNKNOWN_USER));
    let tempo = stack.tempo().expect("an address");
    for (answer, status, outline) in &sent {
        assert_eq!(answer.status, *status, "{}", answer.text);
        whole(&tempo, answer.header("x-trace-id"), outline).await;
    }
    println!("{} traces, each whole", sent.len());
    Outcome::Passed
}

/// Waits until Tempo has the trace as it has to be.
pub async fn whole(tempo: &Tempo, trace_id: &str, outline: &str) {
    let wanted = outline_of(outline);
    until("the trace is whole in Tempo", async || {
        let found = tempo.trace(trace_id).await?.outline();
        if found.trim_end() == wanted { Ok(()) } else { Err(format!("{trace_id}:\n{found}\ninstead of\n{wanted}")) }
    })
    .await;
}

/// Each of them, and no other.
pub async fn the_graph_has_exactly_the_seven_edges() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let expected: BTreeSet<(String, String)> =
        EDGES.iter().map(|(client, server)| ((*client).to_owned(), (*server).to_owned())).collect();
    for source in ["collector", "tempo"] {
        let query = format!("sum by (client, server) (traces_service_graph_request_total{{source=\"{source}\"}}) > 0");
        let prometheus = stack.prometheus().expect("an address");
        until("the seven edges", async || {
            let samples = prometheus.query(&query).await?;
            let end = |labels: &crate::prometheus::Labels, name: &str| labels.get(name).cloned().unwrap_or_default();
            let found: BTreeSet<_> =
                samples.iter().map(|sample| (end(&sample.labels, "client"), end(&sample.labels, "server"))).collect();
            if found == expected { Ok(()) } else { Err(format!("{source}: {found:?}")) }
        })
        .await;
    }
    Outcome::Passed
}

/// The trace that an exemplar names is there.
pub async fn every_exemplar_opens_in_tempo() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    exemplars_open(&stack, &WITH_EXEMPLARS).await;
    Outcome::Passed
}

/// Waits until these metrics have exemplars, and opens those of all.
pub async fn exemplars_open(stack: &Stack, metrics: &[&str]) {
    let exemplars = until("there are exemplars", async || {
        let exemplars = stack.prometheus()?.exemplars("{__name__=~\".+\"}").await?;
        let missing: Vec<_> =
            metrics.iter().filter(|metric| exemplars.iter().all(|one| one.metric != **metric)).collect();
        if missing.is_empty() { Ok(exemplars) } else { Err(format!("none of {missing:?}")) }
    })
    .await;
    let of = |exemplar: &Exemplar| {
        exemplar.labels.get("trace_id").cloned().unwrap_or_else(|| panic!("no trace_id: {exemplar:?}"))
    };
    let traces: BTreeSet<String> = exemplars.iter().map(of).collect();
    let tempo = stack.tempo().expect("an address");
    for trace_id in &traces {
        until("the exemplar's trace is in Tempo", async || tempo.trace(trace_id).await).await;
    }
    println!("{} exemplars of {} traces, and all open", exemplars.len(), traces.len());
}
