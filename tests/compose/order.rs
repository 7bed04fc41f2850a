//! Who waits for whom.

use crate::project::services;
use serde_json::Value;

fn waits_for(service: &Value) -> Vec<(String, String)> {
    let waits = service["depends_on"].as_object().cloned().unwrap_or_default();
    waits.into_iter().map(|(name, how)| (name, how["condition"].as_str().unwrap_or_default().to_owned())).collect()
}

#[test]
fn every_wait_is_for_something_that_happens() {
    let services = services();
    for (name, service) in &services {
        for (other, condition) in waits_for(service) {
            let waited_for =
                services.get(&other).unwrap_or_else(|| panic!("{name} waits for {other}, which is nowhere"));
            assert!(waited_for["profiles"].is_null(), "{name} would bring {other} up without its profile");
            let happens = match condition.as_str() {
                "service_completed_successfully" => waited_for["restart"] == "no",
                "service_healthy" => !waited_for["healthcheck"].is_null(),
                "service_started" => true,
                _ => false,
            };
            assert!(happens, "{name} waits for {other} to be {condition}");
        }
    }
}

#[test]
fn nobody_but_its_own_probe_waits_for_the_collector() {
    let services = services();
    for (name, service) in &services {
        for (other, _) in waits_for(service) {
            let telemetry = [
                "otel-collector",
                "otel-collector-ready",
                "tempo",
                "prometheus",
                "loki",
                "grafana",
                "jaeger",
                "observatory",
            ];
            assert!(name == "otel-collector-ready" || !telemetry.contains(&other.as_str()), "{name} waits for {other}");
        }
    }
}

#[test]
fn the_gateway_waits_for_all_services_and_they_for_their_roles() {
    let services = services();
    let chain: Vec<&String> = services.keys().filter(|name| name.ends_with("-service")).collect();
    assert_eq!(chain.len(), 3);
    let gateway = waits_for(&services["gateway"]);
    for service in chain {
        assert!(gateway.contains(&(service.clone(), "service_healthy".to_owned())), "{service}: {gateway:?}");
        let roles = ("roles".to_owned(), "service_completed_successfully".to_owned());
        assert!(waits_for(&services[service]).contains(&roles), "{service}");
    }
}
