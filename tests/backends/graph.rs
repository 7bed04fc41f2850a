//! The edges of a service graph, and how often each was gone along, held against the requests that were sent.

use std::collections::BTreeMap;

use crate::prometheus::{Prometheus, Sample};
use crate::traffic::Counts;
use crate::wait::until;

/// An edge by its two ends.
type Edges = BTreeMap<(String, String), usize>;

/// Waits for the edges that these requests make, and fails when there are others or any is counted too often.
pub async fn expect(prometheus: &Prometheus, counts: Counts, source: &str) {
    let expression = format!("sum by (client, server) (traces_service_graph_request_total{{source=\"{source}\"}})");
    let expected = edges(counts);
    let found = until("the edges", async || {
        let found: Edges = prometheus.query(&expression).await?.iter().map(edge).collect();
        // Edges come one by one, counts only grow: whatever is too much will not go away.
        let complete = expected.iter().all(|(edge, count)| found.get(edge).is_some_and(|found| found >= count));
        if complete { Ok(found) } else { Err(format!("{found:?} instead of {expected:?}")) }
    })
    .await;
    assert_eq!(found, expected, "edges of {source}");
}

/// Waits until Prometheus has the slowest of the metrics: the edges from outside, which wait for a caller that never comes.
pub async fn settled(prometheus: &Prometheus, counts: Counts, sources: &[&str]) {
    for source in sources {
        until("all requests are in the service graph", async || {
            let edge = format!("traces_service_graph_request_total{{source=\"{source}\",server=\"api-gateway\"}}");
            let counted = prometheus.sum(&edge).await?;
            (counted >= counts.all() as f64).then_some(()).ok_or_else(|| format!("{counted} of {counts:?} ({source})"))
        })
        .await;
    }
}

fn edge(sample: &Sample) -> ((String, String), usize) {
    let end = |name: &str| sample.labels.get(name).cloned().unwrap_or_default();
    ((end("client"), end("server")), sample.value as usize)
}

/// What the requests should have made: statements are counted as the outlines have them.
fn edges(counts: Counts) -> Edges {
    let edge = |client: &str, server: &str, count| ((client.to_owned(), server.to_owned()), count);
    let statements = |service: &str, outline: &str| {
        let prefix = format!("{service} client ");
        let statement = |line: &&str| line.trim().strip_prefix(&prefix).is_some_and(|name| !name.starts_with("POST"));
        outline.lines().filter(statement).count()
    };
    let database = |service: &str| {
        edge(
            service,
            "postgresql",
            counts.whole * statements(service, crate::outlines::WHOLE)
                + counts.unknown_user * statements(service, crate::outlines::UNKNOWN_USER),
        )
    };
    BTreeMap::from([
        edge("user", "api-gateway", counts.all()),
        edge("api-gateway", "user-service", counts.to_user()),
        edge("user-service", "order-service", counts.whole),
        edge("order-service", "audit-service", counts.whole),
        database("user-service"),
        database("order-service"),
        database("audit-service"),
    ])
}
