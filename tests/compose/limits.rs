//! How much a container may take, and how long it may take to end.

use crate::project::{bytes, lasting, list, seconds, services};

/// What all of them together may take beside Grafana, in bytes: a laptop with 8 GB has to have room for a browser.
const MEMORY_BYTES: u64 = 2 << 30;

#[test]
fn every_container_has_a_limit_of_memory_and_a_log_that_stays_small() {
    for (name, service) in services() {
        let limit = service["mem_limit"].as_str().unwrap_or_else(|| panic!("{name} has no mem_limit"));
        assert!(bytes(limit) >= 32 << 20, "{name}: {limit}");
        let options = &service["logging"]["options"];
        assert!(options["max-size"].is_string() && options["max-file"].is_string(), "{name}: logging");
    }
}

#[test]
fn go_collects_before_the_limit_ends_it() {
    let go = ["otel-collector", "tempo", "prometheus", "grafana", "loki", "jaeger"];
    for (name, service) in services() {
        let soft = service["environment"]["GOMEMLIMIT"].as_str();
        assert_eq!(soft.is_some(), go.contains(&name.as_str()), "{name}: GOMEMLIMIT");
        let Some(soft) = soft else { continue };
        let (soft, limit) = (bytes(soft), bytes(service["mem_limit"].as_str().unwrap_or_default()));
        assert!(soft * 10 <= limit * 9, "{name}: less than a tenth is left between {soft} and {limit}");
        assert!(soft * 10 >= limit * 7, "{name}: much of {limit} is never used with {soft}");
    }
}

#[test]
fn the_limits_of_what_runs_by_default_fit_into_a_small_machine() {
    let by_default = lasting().into_iter().filter(|(name, service)| service["profiles"].is_null() && name != "grafana");
    let limits = by_default.map(|(_, service)| bytes(service["mem_limit"].as_str().unwrap_or_default()));
    let sum: u64 = limits.sum();
    assert!(sum <= MEMORY_BYTES, "{} MiB", sum >> 20);
}

#[test]
fn a_container_that_ended_is_started_again_and_one_that_is_stopped_may_finish() {
    for (name, service) in lasting() {
        assert_eq!(service["restart"], "unless-stopped", "{name}");
        assert!(seconds(&service["stop_grace_period"]) >= 5, "{name}");
    }
}

#[test]
fn a_service_may_answer_what_is_under_way_and_send_its_last_telemetry() {
    // SHUTDOWN_TIMEOUT_MS, the connections to PostgreSQL, and the exporter's own limit at the end with what the disk may take.
    let (drain, close, flush) = (8, 2, 7);
    for (name, service) in services().into_iter().filter(|(name, _)| name.ends_with("-service")) {
        assert!(seconds(&service["stop_grace_period"]) > drain + close + flush, "{name}");
        assert!(service["environment"]["SHUTDOWN_TIMEOUT_MS"].is_null(), "{name}: the sum above is another");
    }
}

#[test]
fn who_cannot_be_asked_is_known_by_name() {
    let unasked: Vec<String> = lasting()
        .into_iter()
        .filter(|(_, service)| service["healthcheck"]["test"].is_null())
        .map(|(name, _)| name)
        .collect();
    // The Collector's image is empty, so another container asks it; the load is no server.
    assert_eq!(unasked, ["load", "otel-collector"]);
    let asked = services()["otel-collector-ready"].clone();
    assert!(list(&asked["command"]).contains(&"http://otel-collector:13133/".to_owned()));
    for (name, service) in lasting() {
        let test = list(&service["healthcheck"]["test"]);
        assert!(test.is_empty() || test[0] == "CMD", "{name}: a check through a shell needs one");
    }
}
