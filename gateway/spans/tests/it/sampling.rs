//! The sampled flag follows OpenTelemetry's samplers, in the header and in the log.

use crate::client;
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use native::nginx::Sampler;

crate::expectations! {
    always_on_samples_all_and_always_off_none,
    a_ratio_samples_some,
}

/// The flags the service got, one request after the other, checked against the log.
fn flags(name: &str, argument: Option<&str>, requests: usize) -> Vec<bool> {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let sampler = Sampler::parse(name, argument).unwrap();
    let gateway = Gateway::start(stub.address, |config| config.sampler = sampler);
    let mut sampled = Vec::new();
    for _ in 0..requests {
        let trace_id = client::get(gateway.address, "/api/v1/users").trace_id().to_owned();
        let given = stub.requests().last().unwrap().all("traceparent")[0].to_owned();
        assert!(given.starts_with(&format!("00-{trace_id}-")));
        sampled.push(given.ends_with("-01"));
        assert!(sampled.last() == Some(&true) || given.ends_with("-00"), "{given}");
    }
    let mut logged: Vec<bool> = gateway.log(requests).iter().map(|line| line["sampled"] == 1).collect();
    logged.sort_unstable();
    let mut sorted = sampled.clone();
    sorted.sort_unstable();
    assert_eq!(logged, sorted);
    sampled
}

pub fn always_on_samples_all_and_always_off_none() {
    for prefix in ["", "parentbased_"] {
        assert_eq!(flags(&format!("{prefix}always_on"), None, 3), [true; 3]);
        assert_eq!(flags(&format!("{prefix}always_off"), None, 3), [false; 3]);
        assert_eq!(flags(&format!("{prefix}traceidratio"), Some("0"), 3), [false; 3]);
        assert_eq!(flags(&format!("{prefix}traceidratio"), Some("1"), 3), [true; 3]);
    }
}

pub fn a_ratio_samples_some() {
    for name in ["traceidratio", "parentbased_traceidratio"] {
        // All or none of 100 at one half: once in 2^99 runs.
        let sampled = flags(name, Some("0.5"), 100).iter().filter(|flag| **flag).count();
        assert!((1..100).contains(&sampled), "{sampled}");
    }
}
