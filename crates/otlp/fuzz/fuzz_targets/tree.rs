//! Any bytes: every span is in its tree once, and drawing it does not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otlp::TraceTree;
use otlp::tree::Style;

fuzz_target!(|bytes: &[u8]| {
    for tree in TraceTree::all_from_protobuf([bytes]).unwrap_or_default().values() {
        assert_eq!(tree.preorder().count(), tree.len());
        assert_eq!(tree.outline().lines().count(), tree.len());
        tree.render(&Style { colour: true, columns: 80 });
        tree.problems();
    }
});
