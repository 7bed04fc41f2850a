//! Random headers: nothing panics, and what is written is what was read.

use std::collections::BTreeMap;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;
use proptest::prelude::*;
use telemetry::propagation::{Level, Propagator, Propagators};

use super::{Headers, value, written};

const KEYS: [&str; 3] = ["a", "tenant.id", "synthetic"];
const NAMES: [&str; 9] = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-sampled",
    "x-b3-flags",
    "uber-trace-id",
];

/// What of a context goes on: its span as each format has it, and its baggage.
type Seen = (Option<(u128, u64, bool)>, Headers, BTreeMap<String, (String, String)>);

fn seen(propagators: &Propagators, context: &Context) -> Seen {
    let span = context.span();
    let span = span.span_context();
    let ids = (u128::from_be_bytes(span.trace_id().to_bytes()), u64::from_be_bytes(span.span_id().to_bytes()));
    let baggage = context
        .baggage()
        .iter()
        .map(|(key, (value, properties))| (key.to_string(), (value.to_string(), properties.as_str().to_owned())));
    (span.is_valid().then_some((ids.0, ids.1, span.is_sampled())), written(propagators, context), baggage.collect())
}

/// Values that are wrong in a small way: real ones with some bytes replaced, cut or doubled, and any bytes at all.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let real = prop::sample::select(vec![
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more",
        "a=1, b@c=2,,1@2@3= x ",
        "tenant.id=1;p=2;q , a = %C3%A9 , synthetic=true",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d",
        "80f198ee56343ba864fe8b2a57d3eff7",
        "e457b5a2e4d86bd1",
        "80f198ee56343ba864fe8b2a57d3eff7:e457b5a2e4d86bd1:0:1",
        "1",
    ]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 0..4);
    let changed = (real, changes).prop_map(|(real, changes)| {
        let mut bytes = real.as_bytes().to_vec();
        for (at, change, byte) in changes {
            let at = at.index(bytes.len().max(1));
            match change {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.truncate(at),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    });
    prop_oneof![4 => changed, 1 => prop::collection::vec(any::<u8>(), 0..80)]
}

fn headers() -> impl Strategy<Value = Headers> {
    let name = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
    prop::collection::vec((name, values()), 0..8)
}

fn formats() -> impl Strategy<Value = Propagators> {
    let formats = prop::sample::subsequence(&Propagator::ALL[..], 0..=5);
    (formats, prop::sample::select(vec![Level::One, Level::Two]))
        .prop_map(|(formats, level)| Propagators::new(&formats, KEYS).with_level(level))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_headers_are_read_without_a_panic_and_what_is_written_is_read_the_same(
        propagators in formats(),
        headers in headers(),
    ) {
        let context = propagators.extract(&headers[..]);
        let first = seen(&propagators, &context);
        let second = seen(&propagators, &propagators.extract(&first.1[..]));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn a_context_is_read_as_it_was_written(
        (trace_id, span_id, flags) in (1..=u128::MAX, 1..=u64::MAX, 0..=3_u8),
        state in prop::collection::vec(("[a-z0-9][a-z0-9_*/@-]{0,20}", "[ -+--<>-~]{0,20}[!-+--<>-~]"), 0..32),
        tenant in any::<String>(),
    ) {
        let mut members: Vec<(String, String)> = Vec::new();
        for (key, value) in state {
            if members.iter().all(|(other, _)| *other != key) {
                members.push((key, value));
            }
        }
        let state: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        let traceparent = format!("00-{trace_id:032x}-{span_id:016x}-{flags:02x}");
        let propagators = Propagators::default();
        let mut baggage = opentelemetry::baggage::Baggage::new();
        baggage.insert("tenant.id", tenant.clone());
        // A member of a header each, or all in one.
        for states in [state.clone(), vec![state.join(",")]] {
            let mut headers = vec![("traceparent", traceparent.clone())];
            headers.extend(states.into_iter().map(|state| ("tracestate", state)));
            let context = propagators.extract(&headers[..]).with_baggage(baggage.iter().map(|(key, (value, _))| {
                opentelemetry::KeyValue::new(key.clone(), value.clone())
            }));
            let on = written(&propagators, &context);
            prop_assert_eq!(value(&on, "traceparent"), Some(&*traceparent));
            prop_assert_eq!(value(&on, "tracestate").unwrap_or_default(), state.join(","));
            let read = propagators.extract(&on[..]);
            prop_assert_eq!(read.baggage().get("tenant.id").map(|value| value.as_str()), Some(&*tenant));
        }
    }
}
