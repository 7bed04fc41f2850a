//! Any bytes as a segment: reading ends, at its end, and a batch behind them is found where nothing before claims its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telemetry::export::spool::frame::{Found, HEAD_BYTES, frame, next};

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

/// Whether a head in the first `length` bytes says that its request goes on behind them: what is there may be its own then.
fn claims_more(segment: &[u8], length: usize) -> bool {
    let mut at = 0;
    while let Some((found, next)) = next(segment, at).filter(|_| at < length) {
        let end = match found {
            Found::Whole { request, .. } => request.end,
            Found::Broken { records: None, .. } => at,
            Found::Broken { records: Some(_), .. } => {
                let claimed = segment[at + 4..].first_chunk().expect("its head is whole");
                (at + HEAD_BYTES).saturating_add(u32::from_le_bytes(*claimed) as usize)
            }
        };
        if end > length {
            return true;
        }
        at = next;
    }
    false
}

fuzz_target!(|bytes: &[u8]| {
    let longer = [bytes, &frame(1, [LAST].into_iter()).expect("it is short")].concat();
    let (before, after) = (waiting(bytes).len(), waiting(&longer));
    if !claims_more(&longer, bytes.len()) {
        assert!(after.last() == Some(&LAST) && after.len() == before + 1);
    }
});
