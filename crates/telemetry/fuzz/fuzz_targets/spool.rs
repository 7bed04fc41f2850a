//! Any bytes as a segment: reading ends, at its end, and a batch behind them is found where nothing before claims its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telemetry::export::spool::frame::{Found, frame, next};

/// What nobody writes by chance.
const LAST: &[u8] = b"the last one";

/// The requests that wait in a segment.
fn waiting(segment: &[u8]) -> Vec<&[u8]> {
    let (mut waiting, mut at) = (Vec::new(), 0);
    while let Some((found, next)) = next(segment, at) {
        assert!(next > at && next <= segment.len());
        at = next;
        if let Found::Whole { answered: false, request, .. } = found {
            waiting.push(&segment[request]);
        }
    }
    assert_eq!(at, segment.len());
    waiting
}

fuzz_target!(|bytes: &[u8]| {
    let before = waiting(bytes).len();
    let longer = [bytes, &frame(1, [LAST].into_iter()).expect("it is short")].concat();
    let after = waiting(&longer);
    assert!(after.last() == Some(&LAST) || after.len() > before);
});
