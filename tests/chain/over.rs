//! A chain that is over: what it was sends nothing to whoever has its addresses now.

use std::time::Duration;

use telemetry::Telemetry;
use testkit::openmetrics::Exposition;

use crate::harness::Chain;

/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn the_services_of_a_chain_that_is_dropped_send_nothing_any_more() {
    let chain = Chain::start().await;
    let services = [&chain.user, &chain.order, &chain.audit].map(|service| service.telemetry().clone());
    drop(chain);
    for telemetry in services {
        let ended = async { while makes_spans(&telemetry).await {} };
        tokio::time::timeout(LIMIT, ended).await.expect("its pipeline ends");
    }
}

/// A pipeline that has ended makes none.
async fn makes_spans(telemetry: &Telemetry) -> bool {
    let before = begun(telemetry);
    telemetry::in_root_span(telemetry, "after the end", tokio::task::yield_now()).await;
    begun(telemetry) > before
}

fn begun(telemetry: &Telemetry) -> f64 {
    let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
    metrics.sum("otel_sdk_span_started_total", &[])
}
