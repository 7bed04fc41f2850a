//! Receivers that take their time: others are asked meanwhile, and nothing is lost.

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use testkit::Receiver;

use crate::ledger::Ledger;
use crate::pipeline::{PROTOCOLS, pipeline, spans};

/// Threads that take turns, each with a buffer of its own.
const THREADS: usize = 8;
/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

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

#[test]
fn what_waits_in_many_threads_buffers_is_sent_before_the_queue_is_full() {
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_BSP_MAX_QUEUE_SIZE", "64")]);
    let limit = Instant::now() + LIMIT;
    std::thread::scope(|scope| {
        let turns = [(); THREADS].map(|()| {
            let (turn, turns) = channel::<Sender<()>>();
            let telemetry = &telemetry;
            scope.spawn(move || {
                for done in turns {
                    spans(telemetry, 1);
                    done.send(()).expect("it is waited for");
                }
            });
            turn
        });
        for turn in turns.iter().cycle().take(1_000) {
            let (done, is_done) = channel();
            turn.send(done).expect("it is there");
            is_done.recv().expect("a span was made");
            // No buffer is full, and nobody asks for anything: it is sent all the same.
            while Ledger::of(&telemetry).waiting >= 60 {
                assert!(Instant::now() < limit, "nothing is sent: {:?}", Ledger::of(&telemetry));
                std::thread::yield_now();
            }
        }
    });
    telemetry.flush().expect("all of them arrive");
    assert_eq!(Ledger::of(&telemetry), Ledger { capacity: 64, ..Ledger::over(1_000, &[]) });
}
