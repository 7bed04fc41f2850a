//! The published vectors, each through the public API, and back onto the wire.

use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use serde_json::Value;
use telemetry::propagation::{Level, Propagator, Propagators};

use super::{Headers, value, written};

const TRACE_CONTEXT: &str = include_str!("../../../vectors/trace-context.json");
const BAGGAGE: &str = include_str!("../../../vectors/baggage.json");

/// Runs `check` for each case of each vector: with its headers, and a name for messages.
fn each_case(file: &Value, check: impl Fn(&Value, &Headers, &str)) -> usize {
    let mut cases = 0;
    for vector in file["vectors"].as_array().expect("a list") {
        let name = vector["name"].as_str().expect("a name");
        let characters: Vec<char> = match vector.get("each") {
            None => vec!['\0'],
            Some(each) => each.as_str().expect("text").chars().collect(),
        };
        for character in characters {
            let headers = vector["headers"].as_array().expect("a list").iter().map(|header| {
                let value: String = text(&header[1]).replace("{}", &character.to_string());
                (text(&header[0]), value.chars().map(|byte| u8::try_from(byte).expect("a byte")).collect())
            });
            check(vector, &headers.collect(), &format!("{name:?} with {character:?}"));
            cases += 1;
        }
    }
    cases
}

/// A text, or a list of parts.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text).collect(),
        part => {
            let times = part["times"].as_u64().expect("a number");
            text(&part["repeat"]).repeat(usize::try_from(times).expect("a small number"))
        }
    }
}

#[test]
fn every_vector_of_trace_context_holds_at_its_levels() {
    let file: Value = serde_json::from_str(TRACE_CONTEXT).expect("JSON");
    for (number, level) in [(1, Level::One), (2, Level::Two)] {
        let propagators = Propagators::default().with_level(level);
        let cases = each_case(&file, |vector, headers, case| {
            let levels = vector.get("levels").and_then(Value::as_array);
            if levels.is_some_and(|levels| !levels.contains(&Value::from(number))) {
                return;
            }
            let context = propagators.extract(&headers[..]);
            let span = context.span();
            let span = span.span_context();
            let on = written(&propagators, &context);
            let parent = &vector["parent"];
            if parent.is_null() {
                assert_eq!(*span, SpanContext::NONE, "{case} at level {number} was taken");
                assert_eq!(on, [], "{case} at level {number}");
                return;
            }
            let ids = (parent["trace_id"].as_str(), parent["parent_id"].as_str());
            let (trace_id, parent_id) = (span.trace_id().to_string(), span.span_id().to_string());
            assert_eq!((Some(&*trace_id), Some(&*parent_id)), ids, "{case} at level {number}");
            assert!(span.is_remote(), "{case}");
            let flags = parent["flags"].as_str().expect("flags");
            let expected = format!("00-{trace_id}-{parent_id}-{flags}");
            assert_eq!(value(&on, "traceparent"), Some(&*expected), "{case} at level {number}");
            assert_eq!(format!("{:02x}", span.trace_flags().to_u8()), flags, "{case} at level {number}");
            let state = vector.get("tracestate").map(text);
            assert_eq!(value(&on, "tracestate"), state.as_deref(), "{case} at level {number}");
        });
        assert!(cases > 5_000, "only {cases} cases");
    }
}

#[test]
fn every_vector_of_baggage_holds() {
    let file: Value = serde_json::from_str(BAGGAGE).expect("JSON");
    let cases = each_case(&file, |vector, headers, case| {
        let allow = vector.get("allow").unwrap_or(&file["allow"]).as_array().expect("a list").iter().map(text);
        let propagators = Propagators::new(&[Propagator::Baggage], allow);
        let context = propagators.extract(&headers[..]);
        let baggage = context.baggage();
        let expected = vector["baggage"].as_array().expect("a list");
        for member in expected {
            let (key, value, properties) = (text(&member[0]), text(&member[1]), text(&member[2]));
            let found =
                baggage.get_with_metadata(&key).map(|(value, properties)| (value.as_str(), properties.as_str()));
            assert_eq!(found, Some((&*value, &*properties)), "{key} in {case}");
        }
        assert_eq!(baggage.len(), expected.len(), "{case}: {baggage:?}");
        let on = written(&propagators, &context);
        if let Some(expected) = vector.get("written").map(text) {
            assert_eq!(value(&on, "baggage"), Some(&*expected), "{case}");
        }
        assert_eq!(on.is_empty(), expected.is_empty(), "{case}");
    });
    assert!(cases > 400, "only {cases} cases");
}
