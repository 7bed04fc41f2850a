//! Collectors that are away, silent, wrong or refuse everything: work goes on, and every span is accounted for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use telemetry::Telemetry;
use testkit::stub::nobody;
use testkit::{Receiver, Reply};

use crate::ledger::Ledger;
use crate::pipeline::{PROTOCOLS, pipeline, span_with, spans};

/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);
/// Threads that make spans at the same time.
const THREADS: u64 = 4;
/// Spans of each thread: many times the queue below.
const SPANS: u64 = 3_000;

/// A small queue, short patience, and small batches, so that everything that can happen to a span happens.
const VARIABLES: [(&str, &str); 5] = [
    ("OTEL_BSP_MAX_QUEUE_SIZE", "256"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16"),
    ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "4"),
    ("OTEL_BSP_EXPORT_TIMEOUT", "40"),
    ("OTEL_BSP_SCHEDULE_DELAY", "5"),
];

/// Makes spans in several threads, looks at the ledger all the while, and gives back how it stands in the end.
fn under_load(endpoint: &str, protocol: &str) -> Ledger {
    // So long that no answer comes too late, however busy the machine is.
    under_load_with(endpoint, protocol, "60000")
}

fn under_load_with(endpoint: &str, protocol: &str, timeout_ms: &str) -> Ledger {
    let more = [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_TIMEOUT", timeout_ms)];
    let variables: Vec<_> = VARIABLES.into_iter().chain(more).collect();
    let telemetry = pipeline(endpoint, &variables);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut last = Ledger::of(&telemetry);
            let mut looks = 0_u64;
            while !over.load(Ordering::Relaxed) {
                // Each look checks the equation; from one to the next nothing that is settled comes back.
                let look = Ledger::of(&telemetry);
                assert!(look.settled() >= last.settled() && look.started >= last.started, "{last:?} {look:?}");
                (last, looks) = (look, looks + 1);
            }
            looks
        });
        let work = |number| {
            let telemetry = &telemetry;
            move || (0..SPANS).for_each(|n| assert_eq!(span_with(telemetry, "work", || n + number), n + number))
        };
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(work(number))).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("work goes on"));
        over.store(true, Ordering::Relaxed);
        assert!(looks.join().expect("the ledger is exact at each look") > 0);
    });
    // Not everything arrived; by how much is what the ledger says.
    let _ = telemetry.shutdown();
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.started, ledger.live, ledger.waiting), (THREADS * SPANS, 0, 0), "{ledger:?}");
    assert_eq!((ledger.settled(), ledger.late), (THREADS * SPANS, 0), "{ledger:?}");
    ledger
}

fn assert_only(ledger: &Ledger, errors: &[&str]) {
    assert_eq!(ledger.exported, 0, "{ledger:?}");
    assert!(ledger.all_failed() > 0 && ledger.dropped > 0, "{ledger:?}");
    assert!(ledger.failed.keys().all(|error| errors.contains(&error.as_str())), "{errors:?}: {ledger:?}");
}

#[test]
fn while_nobody_listens_every_span_is_accounted_for() {
    for protocol in PROTOCOLS {
        assert_only(&under_load(&nobody(), protocol), &["connection"]);
    }
}

#[test]
fn while_the_collector_is_silent_every_span_is_accounted_for() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Silence);
        // On a machine that stands still for so long not even a connection is there in time; and a receiver may hang up on who
        // takes back many requests at once.
        assert_only(&under_load_with(&receiver.endpoint(), protocol, "20"), &["timeout", "connection"]);
    }
}

#[test]
fn a_silent_collectors_spans_are_counted_as_that_and_sent_once() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Silence);
        // Long enough for a connection on a machine that stands still for a moment.
        let variables = [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000")];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        spans(&telemetry, 3);
        telemetry.flush().expect_err("they are lost");
        assert_eq!(Ledger::of(&telemetry), Ledger::over(3, &[("timeout", 3)]), "{protocol}");
        assert_eq!(receiver.requests().len(), 1, "{protocol}: it may have them");
    }
}

/// Somebody takes the connection, and does not say a word: nothing can have been sent to who has not shown a certificate.
#[test]
fn what_has_no_connection_in_time_is_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = testkit::certificates::Authority::new().write(folder.path());
    for protocol in PROTOCOLS {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("https://localhost:{}", silent.local_addr().expect("its address").port());
        let variables = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "100"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate.to_str().expect("a path of text")),
        ];
        let telemetry = pipeline(&endpoint, &variables);
        spans(&telemetry, 3);
        let (came, comes) = mpsc::channel();
        std::thread::spawn(move || silent.incoming().try_for_each(|connection| came.send(connection)));
        let lost = std::thread::scope(|scope| {
            let end = scope.spawn(|| telemetry.shutdown());
            let _twice = [(); 2].map(|()| comes.recv_timeout(LIMIT).expect("it comes, and once more"));
            end.join().expect("no panic")
        });
        lost.expect_err("nobody has them");
        assert_eq!(Ledger::of(&telemetry), Ledger::over(3, &[("connection", 3)]), "{protocol}");
    }
}

#[test]
fn while_the_collector_answers_garbage_every_span_is_accounted_for() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Garbage);
    assert_only(&under_load(&receiver.endpoint(), "http/protobuf"), &["bad_answer"]);
    // What is no HTTP/2 cannot be told from a connection that broke.
    assert_only(&under_load(&receiver.endpoint(), "grpc"), &["connection", "bad_answer"]);
}

#[test]
fn while_the_collector_breaks_off_its_answers_every_span_is_accounted_for() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::BreakOff);
        assert_only(&under_load(&receiver.endpoint(), protocol), &["bad_answer"]);
    }
}

#[test]
fn while_the_collector_is_busy_every_span_is_accounted_for() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Status(503, vec![]));
    assert_only(&under_load(&receiver.endpoint(), "http/protobuf"), &["503"]);
    assert_only(&under_load(&receiver.endpoint(), "grpc"), &["503"]);
    receiver.answer_always(Reply::Grpc(14, vec![]));
    assert_only(&under_load(&receiver.endpoint(), "grpc"), &["UNAVAILABLE"]);
}

#[test]
fn a_collector_that_takes_everything_gets_all_that_the_queue_had_room_for() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let ledger = under_load(&receiver.endpoint(), protocol);
        assert_eq!(
            (receiver.spans().len() as u64, ledger.all_failed()),
            (ledger.exported, 0),
            "{protocol}: {ledger:?}"
        );
    }
}

#[test]
fn a_collector_that_comes_back_gets_what_waited_for_it() {
    let receiver = Receiver::start();
    // About one for each batch: each costs a pause.
    receiver.answer_next(std::iter::repeat_n(Reply::Status(503, vec![]), 10));
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10")]);
    let names = spans(&telemetry, 100);
    telemetry.flush().expect("all of them arrive");
    assert_eq!(receiver.span_names(), names);
    assert_eq!(Ledger::of(&telemetry), Ledger::over(100, &[]));
}

#[test]
fn a_queue_without_room_drops_and_counts_and_takes_again_when_there_is_room() {
    let receiver = Receiver::start();
    receiver.hold();
    let variables = [("OTEL_BSP_MAX_QUEUE_SIZE", "100"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10")];
    let telemetry = pipeline(&receiver.endpoint(), &variables);
    let names = spans(&telemetry, 130);
    receiver.wait_until_held(10);
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.waiting, ledger.capacity, ledger.dropped, ledger.inflight), (100, 100, 30, 100), "{ledger:?}");
    receiver.release();
    telemetry.flush().expect_err("those that were dropped are lost");
    assert_eq!(receiver.span_names(), names[..100]);
    more(&telemetry, &receiver);
}

/// After all that was lost, everything arrives as before.
fn more(telemetry: &Telemetry, receiver: &Receiver) {
    let before = (Ledger::of(telemetry), receiver.spans().len());
    spans(telemetry, 50);
    let _ = telemetry.flush();
    let after = Ledger::of(telemetry);
    assert_eq!((after.exported, after.dropped), (before.0.exported + 50, before.0.dropped));
    assert_eq!(receiver.spans().len(), before.1 + 50);
}

#[test]
fn a_silent_collector_is_not_waited_for_longer_than_the_end_may_take() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Silence);
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000")]);
    spans(&telemetry, 7);
    telemetry.shutdown().expect_err("nobody answers");
    assert_eq!(Ledger::of(&telemetry), Ledger::over(7, &[("shutdown", 7)]));
    assert_eq!(receiver.requests().len(), 1, "they were sent");
}

#[test]
fn spans_that_end_after_the_end_are_not_waited_for() {
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[]);
    spans(&telemetry, 2);
    span_with(&telemetry, "unfinished", || telemetry.shutdown().expect("those that have ended arrive"));
    spans(&telemetry, 3);
    let ledger = Ledger::of(&telemetry);
    // It has begun, and nothing became of it; those that came later were never begun.
    assert_eq!((ledger.started, ledger.live, ledger.exported, ledger.waiting), (3, 1, 2, 0), "{ledger:?}");
    assert_eq!(receiver.spans().len(), 2);
}
