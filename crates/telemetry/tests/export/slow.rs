//! Receivers that take their time: others are asked meanwhile, and nothing is lost.

use testkit::Receiver;

use crate::ledger::Ledger;
use crate::pipeline::{PROTOCOLS, pipeline, spans};

#[test]
fn while_one_answer_takes_its_time_other_batches_are_sent() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.hold();
        let variables = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
            ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "8"),
        ];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        let names = spans(&telemetry, 125);
        receiver.wait_until_held(8);
        let ledger = Ledger::of(&telemetry);
        assert_eq!((ledger.inflight, ledger.waiting, ledger.exported), (80, 125, 0), "{protocol}: {ledger:?}");
        receiver.release();
        telemetry.flush().expect("all of them arrive");
        assert_eq!(receiver.held_at_most(), 8, "{protocol}: as many as are allowed, and no more");
        assert_eq!(receiver.span_names(), names, "{protocol}");
        assert_eq!(Ledger::of(&telemetry), Ledger::over(125, &[]), "{protocol}");
    }
}

#[test]
fn sixteen_batches_are_under_way_where_nothing_is_said() {
    let receiver = Receiver::start();
    receiver.hold();
    let telemetry = pipeline(&receiver.endpoint(), &[]);
    let names = spans(&telemetry, 16_384);
    receiver.wait_until_held(16);
    assert_eq!(Ledger::of(&telemetry).waiting, 16_384, "the whole queue waits, and nothing is dropped");
    receiver.release();
    telemetry.flush().expect("all of them arrive");
    assert_eq!(receiver.span_names(), names);
    assert_eq!(receiver.held_at_most(), 16);
}

#[test]
fn a_batch_that_is_not_full_is_sent_when_its_time_comes() {
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_BSP_SCHEDULE_DELAY", "1")]);
    spans(&telemetry, 1);
    assert_eq!(receiver.wait_until_asked(1)[0].spans().len(), 1);
}
