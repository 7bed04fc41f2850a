//! Any headers: reading does not panic, and what is written of them is read the same.
//!
//! The first byte chooses formats and level. Each line that follows is a header: its first byte chooses the name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telemetry::propagation::{Field, Level, Propagator, Propagators};

const KEYS: [&str; 3] = ["a", "tenant.id", "synthetic"];
const FIELDS: [Field; 9] = [
    Field::Traceparent,
    Field::Tracestate,
    Field::Baggage,
    Field::B3,
    Field::B3TraceId,
    Field::B3SpanId,
    Field::B3Sampled,
    Field::B3Flags,
    Field::UberTraceId,
];

fn passed_on(propagators: &Propagators, headers: &[(&str, Vec<u8>)]) -> Vec<(&'static str, Vec<u8>)> {
    let mut written = Vec::new();
    propagators.inject(&propagators.extract(headers), |field, value| written.push((field.name(), value.to_vec())));
    written
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let chosen = |at: usize| choice >> at & 1 == 1;
    let named = Propagator::ALL.into_iter().enumerate().filter(|(at, _)| chosen(*at));
    let formats: Vec<_> = named.map(|(_, format)| format).collect();
    let level = if chosen(5) { Level::One } else { Level::Two };
    let propagators = Propagators::new(&formats, KEYS).with_level(level);
    let lines = rest.split(|byte| *byte == b'\n').filter_map(<[u8]>::split_first);
    let headers: Vec<_> =
        lines.map(|(name, value)| (FIELDS[usize::from(*name) % FIELDS.len()].name(), value.to_vec())).collect();
    let written = passed_on(&propagators, &headers);
    assert_eq!(written, passed_on(&propagators, &written));
});
