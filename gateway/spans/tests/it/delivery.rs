//! Every line becomes its spans once, whatever happens to the log, the collector or gateway-spans.

use crate::collector::{Collector, Spans, config, taken};
use crate::log_file::LogFile;
use crate::nginx::free_address;
use crate::stub::Reply;
use crate::wait;
use otlp::TraceId;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Exactly these traces, each once.
fn assert_delivered(collector: &Collector, expected: &[TraceId]) {
    wait::until("all spans came", || (collector.span_count() >= expected.len()).then_some(()));
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(collector.traces().into_keys().collect::<Vec<_>>(), expected);
    assert_eq!(collector.span_count(), expected.len(), "none is repeated");
}

#[test]
fn times_are_those_of_the_log() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let ids = log.requests(1);
    let _spans = Spans::start(log.path(), collector.address());
    let node = collector.trace(&ids[0].to_string(), 1).nodes.remove(0);
    assert_eq!(node.end_unix_nanos, 1_767_323_045_678_000_000);
    assert_eq!(node.duration_nanos(), 12_000_000);
}

#[test]
fn a_restart_neither_loses_nor_repeats() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let mut expected = log.requests(700);
    let (half_id, half) = log.next_line();
    for _ in 0..3 {
        let spans = Spans::start(log.path(), collector.address());
        assert_delivered(&collector, &expected);
        expected.extend(log.requests(30));
        let counts = spans.stop();
        assert_eq!(counts.spans_made.get(), counts.spans_sent.get());
        assert_delivered(&collector, &expected);
        expected.extend(log.requests(600));
    }
    log.append(&half.as_bytes()[..100]);
    let counts = Spans::start(log.path(), collector.address()).stop();
    assert_eq!((counts.lines_read.get(), counts.lines_unparsable.get()), (600, 0), "half a line waits for the rest");
    log.append(&half.as_bytes()[100..]);
    expected.push(half_id);
    Spans::start(log.path(), collector.address()).stop();
    assert_delivered(&collector, &expected);
}

#[test]
fn garbage_is_counted_and_passed_over() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let mut expected = log.requests(2);
    let (_, good) = log.next_line();
    log.append(b"\n{}\nnot json\n\xff\xfe\x00\n[1,2]\n");
    log.append(good.replace("\"trace_id\":\"0", "\"trace_id\":\"x").as_bytes());
    log.append(good.replace("\"request_id\":\"0", "\"request_id\":\"").as_bytes());
    log.append(good.replace("0.012", "\"soon\"").as_bytes());
    log.append(good.replace("0.012", "1e300").as_bytes());
    log.append(good.replace("1767323045.678", "1e11").as_bytes());
    for wrong in ["inf", "nan", "1e300"] {
        log.append(good.replace("\"upstream_start_s\":\"", &format!("\"upstream_start_s\":\"{wrong}")).as_bytes());
        log.append(good.replace("\"upstream_seconds\":\"", &format!("\"upstream_seconds\":\"{wrong}")).as_bytes());
    }
    log.append(format!("{}\n", "x".repeat(300_000)).as_bytes());
    expected.extend(log.requests(2));
    let spans = Spans::start(log.path(), collector.address());
    assert_delivered(&collector, &expected);
    let counts = spans.stop();
    assert_eq!((counts.lines_read.get(), counts.lines_unparsable.get(), counts.lines_too_long.get()), (21, 16, 1));
    assert_eq!((counts.spans_made.get(), counts.spans_sent.get()), (4, 4));
}

#[test]
fn nothing_is_lost_while_the_collector_is_away() {
    let mut log = LogFile::new();
    let address = free_address();
    let spans = Spans::start(log.path(), address);
    let mut expected = log.requests(600);
    spans.until_counted("exports_retried", |counts| counts.exports_retried.get().min(2), 2);
    expected.extend(log.requests(600));
    let collector = Collector::start_at(address);
    assert_delivered(&collector, &expected);
    let counts = spans.stop();
    assert_eq!((counts.spans_sent.get(), counts.lines_lost.get()), (1200, 0));
}

#[test]
fn what_a_killed_process_had_not_sent_is_sent_by_the_next() {
    let mut log = LogFile::new();
    let address = free_address();
    let expected = log.requests(1000);
    let spans = Spans::start(log.path(), address);
    spans.until_counted("exports_retried", |counts| counts.exports_retried.get().min(1), 1);
    drop(spans);
    let collector = Collector::start_at(address);
    let _spans = Spans::start(log.path(), address);
    assert_delivered(&collector, &expected);
}

#[test]
fn a_collector_that_asks_to_wait_is_asked_again() {
    for status in ["429 Slow", "502 Bad", "503 Busy", "504 Late"] {
        let asked = AtomicUsize::new(0);
        let collector =
            Collector::answering(([127, 0, 0, 1], 0).into(), move |_| match asked.fetch_add(1, Ordering::SeqCst) {
                0 => Reply::Answer(status, vec!["Retry-After: 0".into()], vec![]),
                _ => taken(),
            });
        let mut log = LogFile::new();
        log.requests(3);
        let spans = Spans::start(log.path(), collector.address());
        spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 3);
        assert_eq!(spans.counts().exports_retried.get(), 1);
        let bodies: Vec<_> = collector.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[0], bodies[1]);
    }
}

#[test]
fn a_refused_export_is_counted_and_the_next_one_sent() {
    let asked = AtomicUsize::new(0);
    let collector =
        Collector::answering(([127, 0, 0, 1], 0).into(), move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Answer("400 Bad Request", vec![], vec![]),
            _ => taken(),
        });
    let mut log = LogFile::new();
    let spans = Spans::start(log.path(), collector.address());
    log.requests(3);
    spans.until_counted("spans_failed", |counts| counts.spans_failed.get().min(1), 1);
    log.requests(4);
    wait::until("everything has an outcome", || {
        let counts = spans.counts();
        (counts.spans_sent.get() + counts.spans_failed.get() == 7).then_some(())
    });
}

#[test]
fn rejected_spans_are_counted() {
    let collector = Collector::answering(([127, 0, 0, 1], 0).into(), |_| {
        Reply::Answer("200 OK", vec![], b"\x0a\x06\x08\x02\x12\x02no".to_vec())
    });
    let mut log = LogFile::new();
    log.requests(5);
    let spans = Spans::start(log.path(), collector.address());
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 3);
    assert_eq!(spans.counts().spans_rejected.get(), 2);
}

#[test]
fn a_log_that_is_not_there_yet_is_waited_for() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let _spans = Spans::start(log.path(), collector.address());
    let expected = log.requests(1);
    assert_delivered(&collector, &expected);
}

#[test]
fn a_log_that_is_cut_off_is_read_from_its_beginning() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let mut expected = log.requests(10);
    let _spans = Spans::start(log.path(), collector.address());
    assert_delivered(&collector, &expected);
    log.file().set_len(0).unwrap();
    expected.extend(log.requests(1));
    assert_delivered(&collector, &expected);
}

#[test]
fn an_unreadable_note_repeats_rather_than_loses() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let settings = config(log.path(), collector.address());
    std::fs::write(&settings.position_file, "{\"files\":[{\"ino").unwrap();
    let expected = log.requests(2);
    let _spans = Spans::start_with(settings);
    assert_delivered(&collector, &expected);
}

#[test]
fn switched_off_it_reads_and_sends_nothing() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    log.requests(5);
    let mut settings = config(log.path(), collector.address());
    settings.disabled = true;
    let counts = Spans::start_with(settings).stop();
    assert_eq!((counts.lines_unsampled.get(), counts.spans_made.get()), (5, 0));
    assert!(collector.requests().is_empty());
    let counts = Spans::start(log.path(), collector.address()).stop();
    assert_eq!(counts.lines_read.get(), 0, "they are not sent when it is switched on again");
}
