//! What the dashboards mark in time: when a process of a service began, and faults that were injected.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::dashboards::{files, list, text_of};
use crate::wait::until;
use crate::world;

/// Between two points of a dashboard that looks back over little.
const STEP: &str = "5s";
/// What Grafana makes of `$__rate_interval` then: four times `timeInterval` of the data source.
const RATE_INTERVAL: &str = "20s";
/// The programs of the world that make spans or metrics, each of which has begun once.
const SERVICES: [&str; 4] = ["api-gateway", "audit-service", "order-service", "user-service"];

/// Every dashboard marks the same, and by queries that are understood.
pub async fn every_dashboard_marks_each_beginning_of_a_service() {
    let world = world::everything_kept().await;
    let prometheus = world.set.prometheus();
    let of_first = queries(&files()[0].1);
    for (name, dashboard) in files() {
        assert_eq!(queries(&dashboard), of_first, "{name}");
    }
    let names: Vec<_> = of_first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Deployments", "Injected faults"]);
    let deployments = of_first[0].1.replace("$__rate_interval", RATE_INTERVAL);
    let marks = until("each service's beginning is marked", async || {
        let marks = prometheus.range(&deployments, STEP).await?;
        let services: BTreeSet<_> = marks.iter().filter_map(|(labels, _)| labels.get("service_name")).collect();
        if services.into_iter().eq(SERVICES) { Ok(marks) } else { Err(format!("{marks:?}")) }
    })
    .await;
    for (labels, points) in marks {
        assert!(labels.contains_key("service_version") && labels.contains_key("service_instance_id"), "{labels:?}");
        // It ends: a service that goes on running is no deployment.
        assert!((1..=5).contains(&points), "{points} points are marked: {labels:?}");
    }
    // No service of this world is made to fail, so there is nothing to mark; that it is understood is what is seen here.
    assert_eq!(of_first[1].1, "tracechain_fault_active > 0");
    assert_eq!(prometheus.range(&of_first[1].1, STEP).await, Ok(Vec::new()));
}

/// The annotations that are queries, by name.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let annotations = list(&dashboard["annotations"]["list"]).filter(|annotation| annotation["builtIn"] != 1);
    let query = |annotation: &Value| (text_of(&annotation["name"]), text_of(&annotation["target"]["expr"]));
    annotations.map(query).collect()
}
