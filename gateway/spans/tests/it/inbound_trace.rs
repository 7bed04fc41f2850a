//! TRUST_INBOUND_TRACE: a client's trace is continued only where that is asked for, and only a valid one.

use crate::client::{self, Answer};
use crate::nginx::Gateway;
use crate::stub::{Reply, Request, Stub};
use native::nginx::Sampler;
use serde_json::Value;

crate::expectations! {
    a_valid_parent_is_continued_when_trusted,
    a_valid_parent_is_not_continued_when_not_trusted,
    the_callers_decision_counts_for_parent_based_samplers_only,
    an_invalid_parent_begins_a_fresh_trace,
    of_two_parents_none_is_continued_and_the_second_never,
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn ask(trust: bool, sampler: &str, headers: &[&str]) -> (Answer, Request, Value) {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let sampler = Sampler::parse(sampler, Some("1")).unwrap();
    let gateway = Gateway::start(stub.address, |config| {
        config.trust_inbound_trace = trust;
        config.sampler = sampler;
    });
    let answer = client::request(gateway.address, "GET /api/v1/users", headers);
    let line = gateway.log(1).remove(0);
    (answer, stub.only_request(), line)
}

pub fn a_valid_parent_is_continued_when_trusted() {
    let (answer, request, line) =
        ask(true, "always_on", &[&format!("traceparent: 00-{TRACE}-{SPAN}-01"), "tracestate: a=b"]);
    assert_eq!(answer.trace_id(), TRACE);
    assert_eq!((line["trace_id"].as_str(), line["parent_id"].as_str()), (Some(TRACE), Some(SPAN)));
    let parent = request.all("traceparent");
    assert!(parent.len() == 1 && parent[0].starts_with(&format!("00-{TRACE}-")) && parent[0].ends_with("-01"));
    assert!(!parent[0].contains(SPAN), "{parent:?}");
    assert!(request.all("tracestate").is_empty());
}

pub fn a_valid_parent_is_not_continued_when_not_trusted() {
    let (answer, _, line) = ask(false, "parentbased_always_on", &[&format!("traceparent: 00-{TRACE}-{SPAN}-00")]);
    assert_ne!(answer.trace_id(), TRACE);
    assert_eq!((line["parent_id"].as_str(), line["sampled"].as_u64()), (Some(""), Some(1)));
}

pub fn the_callers_decision_counts_for_parent_based_samplers_only() {
    for (sampler, flags, sampled) in [
        ("parentbased_always_on", "00", 0),
        ("parentbased_always_off", "01", 1),
        ("parentbased_traceidratio", "02", 0),
        ("parentbased_always_off", "ff", 1),
        ("always_on", "00", 1),
        ("always_off", "01", 0),
    ] {
        let (answer, _, line) = ask(true, sampler, &[&format!("traceparent: 00-{TRACE}-{SPAN}-{flags}")]);
        assert_eq!((answer.trace_id(), line["sampled"].as_u64()), (TRACE, Some(sampled)), "{sampler} {flags}");
    }
}

pub fn an_invalid_parent_begins_a_fresh_trace() {
    let zeros = "0".repeat(32);
    for value in [
        format!("01-{TRACE}-{SPAN}-01"),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        format!("00-{zeros}-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", &zeros[..16]),
        format!("00-{TRACE}-{SPAN}-01-extra"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}"),
        format!("x00-{TRACE}-{SPAN}-01"),
        String::new(),
    ] {
        let (answer, _, line) = ask(true, "parentbased_always_on", &[&format!("traceparent: {value}")]);
        assert_ne!(answer.trace_id(), TRACE, "{value}");
        assert_eq!((line["parent_id"].as_str(), line["trace_id"].as_str()), (Some(""), Some(answer.trace_id())));
    }
}

/// From version 1.23 nginx shows a configuration both of them; 1.22 the first, which is continued.
pub fn of_two_parents_none_is_continued_and_the_second_never() {
    let first = format!("traceparent: 00-{TRACE}-{SPAN}-01");
    let second = format!("traceparent: 00-{}-{SPAN}-01", "1".repeat(32));
    let (answer, request, _) = ask(true, "always_on", &[&first, &second]);
    assert_ne!(answer.trace_id(), "1".repeat(32));
    assert_eq!(request.all("traceparent").len(), 1);
    let sees_both = native::nginx::find().unwrap().version >= (1, 23, 0);
    assert_eq!(answer.trace_id() != TRACE, sees_both);
}
