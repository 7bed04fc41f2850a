//! The queue is bounded in bytes as well: large attributes do not fill the memory.

use testkit::Receiver;

use crate::ledger::Ledger;
use crate::pipeline::{pipeline, span_with};

#[test]
fn large_attributes_find_the_queue_full_long_before_its_number_of_records() {
    let receiver = Receiver::start();
    receiver.hold();
    let telemetry = pipeline(&receiver.endpoint(), &[]);
    let megabyte = "x".repeat(1 << 20);
    for _ in 0..100 {
        span_with(&telemetry, "large", || telemetry::set_attribute("large", megabyte.clone()));
    }
    let ledger = Ledger::of(&telemetry);
    // 64 MiB are the bound; the frame of each span is beyond its megabyte.
    assert_eq!((ledger.waiting, ledger.dropped, ledger.capacity), (64, 36, 16_384), "{ledger:?}");
    receiver.release();
    telemetry.flush().expect_err("some are lost");
    assert_eq!(receiver.spans().len(), 64);
    assert_eq!(Ledger::of(&telemetry).exported, 64);
    span_with(&telemetry, "large", || telemetry::set_attribute("large", megabyte.clone()));
    let _ = telemetry.flush();
    assert_eq!(receiver.spans().len(), 65, "there is room again");
}
