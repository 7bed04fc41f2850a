//! The services' metrics come to Prometheus by OTLP, with the names and the numbers that `/metrics` has.

use std::collections::BTreeSet;

use testkit::Client;
use testkit::openmetrics::Exposition;

use crate::wait::until;
use crate::world;

/// Prometheus makes one of its own of each resource.
const OF_THE_RESOURCE: &str = "target_info";
/// What only traffic moves; the others have moved on by the time that one looks.
const COUNTS: [&str; 2] = ["http_server_request_duration_seconds_count", "db_client_operation_duration_seconds_count"];

/// Every metric of every service.
pub async fn every_metric_of_a_service_is_in_prometheus_by_the_same_name() {
    let world = world::everything_kept().await;
    let prometheus = world.set.prometheus();
    let services = [
        ("user-service", &world.chain.user),
        ("order-service", &world.chain.order),
        ("audit-service", &world.chain.audit),
    ];
    for (service, server) in services {
        let said = Exposition::parse(&Client::new(server.address()).get("/metrics").await.text);
        let names: BTreeSet<_> =
            said.0.iter().map(|sample| sample.name.as_str()).filter(|name| *name != OF_THE_RESOURCE).collect();
        assert!(COUNTS.iter().all(|name| names.contains(name)), "{service}: {names:?}");
        let series = format!("{{service_name=\"{service}\"}}");
        until("the metrics are in Prometheus", async || {
            let known = prometheus.label_values(&series, "__name__").await?;
            let missing: Vec<_> = names.iter().filter(|name| !known.iter().any(|known| known == *name)).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("{service}: {missing:?} are not in {known:?}")) }
        })
        .await;
        for name in COUNTS {
            let here = said.sum(name, &[]);
            let there = until("the numbers are the same", async || {
                let there = prometheus.sum(&format!("{name}{series}")).await?;
                if there >= here { Ok(there) } else { Err(format!("{service}: {name} is {there} instead of {here}")) }
            })
            .await;
            assert_eq!(there, here, "{service}: {name}");
        }
    }
}
