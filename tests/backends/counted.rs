//! Rate and errors as the Collector counts them, held against the requests that were sent.

use crate::prometheus::Prometheus;
use crate::traffic::Counts;
use crate::wait::until;

/// A service's spans of one kind: how many there have to be, and how many failed ones.
struct Expected {
    service: &'static str,
    kind: &'static str,
    all: usize,
    failed: usize,
}

/// Waits until Prometheus has all spans of these requests, and fails when it has any more, or other errors.
pub async fn every_request_and_every_error(prometheus: &Prometheus, counts: Counts) {
    for expected in expected(counts) {
        counted(prometheus, &expected).await;
    }
    failed_edges(prometheus, counts).await;
}

fn expected(counts: Counts) -> [Expected; 7] {
    let of = |service, kind, all, failed| Expected { service, kind, all, failed };
    [
        of("api-gateway", "SERVER", counts.all(), counts.failing),
        // A call that is answered with 404 has failed; the request that it was made for has not.
        of("api-gateway", "CLIENT", counts.to_user(), counts.failing + counts.unknown_user),
        of("user-service", "SERVER", counts.to_user(), counts.failing),
        of("user-service", "INTERNAL", counts.whole + counts.unknown_user, 0),
        of("order-service", "SERVER", counts.whole, 0),
        of("order-service", "INTERNAL", counts.whole, 0),
        of("audit-service", "SERVER", counts.whole, 0),
    ]
}

async fn counted(prometheus: &Prometheus, expected: &Expected) {
    let Expected { service, kind, all, failed } = expected;
    let of = format!("service_name=\"{service}\",span_kind=\"SPAN_KIND_{kind}\"");
    let (mut counted, mut durations, mut errors) = (0.0, 0.0, 0.0);
    until("the spans are counted", async || {
        counted = prometheus.sum(&format!("traces_span_metrics_calls_total{{{of}}}")).await?;
        durations = prometheus.sum(&format!("traces_span_metrics_duration_seconds_count{{{of}}}")).await?;
        let failed = format!("traces_span_metrics_calls_total{{{of},status_code=\"STATUS_CODE_ERROR\"}}");
        errors = prometheus.sum(&failed).await?;
        if counted < *all as f64 { Err(format!("{counted} of {all} {kind} spans of {service}")) } else { Ok(()) }
    })
    .await;
    assert_eq!((counted, durations, errors), (*all as f64, *all as f64, *failed as f64), "{kind} spans of {service}");
}

async fn failed_edges(prometheus: &Prometheus, counts: Counts) {
    let edges = [
        ("user", "api-gateway", counts.failing),
        ("api-gateway", "user-service", counts.failing + counts.unknown_user),
        ("user-service", "order-service", 0),
    ];
    for (client, server, failed) in edges {
        let edge = format!("{{source=\"collector\",client=\"{client}\",server=\"{server}\"}}");
        let selector = format!("traces_service_graph_request_failed_total{edge}");
        let counted = prometheus.sum(&selector).await.expect("an answer");
        assert_eq!(counted, failed as f64, "{selector}");
    }
}
