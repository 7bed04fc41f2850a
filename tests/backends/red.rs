//! Rate and errors count every request, also where a tenth is stored; and all that went wrong is stored.

use crate::traffic::Counts;
use crate::wait::until;
use crate::world::{self, World};

/// A service's spans of one kind: how many there have to be, and how many failed ones.
struct Expected {
    service: &'static str,
    kind: &'static str,
    all: usize,
    failed: usize,
}

/// In both worlds the same.
pub async fn every_request_and_every_error_is_counted() {
    for world in [world::everything_kept().await, world::sampled().await] {
        for expected in expected(world.counts) {
            counted(&world, &expected).await;
        }
        failed_edges(&world).await;
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

async fn counted(world: &World, expected: &Expected) {
    let Expected { service, kind, all, failed } = expected;
    let prometheus = world.set.prometheus();
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

async fn failed_edges(world: &World) {
    let counts = world.counts;
    let edges = [
        ("user", "api-gateway", counts.failing),
        ("api-gateway", "user-service", counts.failing + counts.unknown_user),
        ("user-service", "order-service", 0),
    ];
    for (client, server, failed) in edges {
        let edge = format!("{{source=\"collector\",client=\"{client}\",server=\"{server}\"}}");
        let selector = format!("traces_service_graph_request_failed_total{edge}");
        let counted = world.set.prometheus().sum(&selector).await.expect("an answer");
        assert_eq!(counted, failed as f64, "{selector}");
    }
}
