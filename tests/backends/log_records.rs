//! From a trace to its log records and back.

use std::collections::BTreeSet;

use crate::wait::until;
use crate::world;

/// What went wrong has been written about, under the trace that the answer names.
pub async fn every_failed_request_has_its_records_in_loki() {
    let world = world::everything_kept().await;
    let loki = world.set.loki();
    for sent in world.sent.iter().filter(|sent| sent.status == 500) {
        // As the link of the data source asks.
        let query = format!("{{service_name=\"user-service\"}} | trace_id = \"{}\"", sent.trace_id);
        until("the trace's records are in Loki", async || {
            let found = loki.query(&query).await?;
            if found.iter().any(|stream| stream.values > 0) { Ok(()) } else { Err(format!("{query} finds nothing")) }
        })
        .await;
    }
}

/// Every trace that a record names is where traces are kept.
pub async fn every_record_opens_its_trace() {
    let world = world::everything_kept().await;
    let traces = until("there are records of traces", async || {
        let found = world.set.loki().query("{service_name=~\".+\"} | trace_id != \"\"").await?;
        let traces: BTreeSet<_> = found.iter().filter_map(|stream| stream.labels.get("trace_id").cloned()).collect();
        if traces.is_empty() { Err(format!("{found:?}")) } else { Ok(traces) }
    })
    .await;
    for trace_id in &traces {
        world.set.observatory().trace(trace_id, |tree| !tree.is_empty()).await;
    }
    println!("records: those of {} traces, and all open", traces.len());
}
