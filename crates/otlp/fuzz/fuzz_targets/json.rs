//! Any text: reading does not panic, and what is read can be walked unless it is nested too deep.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otlp::{json, walk};

fuzz_target!(|text: &[u8]| {
    if let Ok(request) = json::to_protobuf(text)
        && let Err(error) = walk::check(&request)
    {
        assert_eq!(error.fault, walk::Fault::Depth);
    }
});
