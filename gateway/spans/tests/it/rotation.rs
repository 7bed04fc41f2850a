//! The log is begun anew at its bound.

use crate::client;
use crate::collector::{Collector, Spans, config, taken};
use crate::log_file::LogFile;
use crate::nginx::{Gateway, free_address};
use crate::stub::{Reply, Stub};
use crate::wait;
use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[test]
fn nothing_is_lost_or_repeated_when_nginxs_log_is_rotated_under_traffic() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let collector = Collector::start();
    let mut settings = config(&gateway.config.access_log, collector.address());
    settings.rotate_bytes = 20_000;
    let spans = Spans::start_with(settings);
    let mut expected = Vec::new();
    while spans.counts().log_rotations.get() < 4 {
        let ids = std::thread::scope(|scope| {
            let ask = || client::get(gateway.address, "/api/v1/users").trace_id().to_owned();
            let clients: Vec<_> =
                (0..4).map(|_| scope.spawn(move || (0..10).map(|_| ask()).collect::<Vec<_>>())).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
        });
        expected.extend(ids);
        assert!(expected.len() < 20_000, "the log is not rotated");
    }
    wait::until("all spans came", || (collector.span_count() >= 2 * expected.len()).then_some(()));
    let counts = spans.stop();
    let mut came: Vec<String> = collector.traces().keys().map(ToString::to_string).collect();
    expected.sort_unstable();
    came.sort_unstable();
    assert_eq!(came, expected);
    assert_eq!(collector.span_count(), 2 * expected.len(), "none is repeated");
    assert_eq!(counts.lines_read.get(), expected.len() as u64);
    assert_eq!((counts.spans_sent.get(), counts.lines_lost.get()), (2 * expected.len() as u64, 0));
    let logs = fs::read_dir(gateway.config.access_log.parent().unwrap()).unwrap();
    let names = logs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("access.log") && !name.contains("position")).count(), 2);
}

#[test]
fn lines_beyond_the_bound_are_counted_as_lost() {
    let mut log = LogFile::new();
    let address = free_address();
    let mut settings = config(log.path(), address);
    settings.rotate_bytes = 1;
    let spans = Spans::start_with(settings);
    let mut written = 0;
    // Each of them is a file's worth: the fourth drives out what was not read of the second.
    for _ in 0..4 {
        let rotations = spans.counts().log_rotations.get();
        log.requests(1000);
        written += 1000;
        spans.until_counted("log_rotations", |counts| counts.log_rotations.get(), rotations + 1);
    }
    let collector = Collector::start_at(address);
    wait::until("the last file was sent", || {
        let counts = spans.counts();
        (counts.spans_sent.get() + counts.lines_lost.get() == written).then_some(())
    });
    let counts = spans.stop();
    assert!(counts.lines_lost.get() >= 1000, "{counts:?}");
    assert!(counts.spans_sent.get() >= 1000, "the newest file is whole: {counts:?}");
    assert_eq!(collector.span_count() as u64, counts.spans_sent.get());
}

#[test]
fn a_collector_that_is_slower_than_the_requests_does_not_let_the_log_grow_without_bound() {
    /// More than twice what one export takes.
    const LINES: u64 = 1_200;
    const EXPORTS: usize = 20;
    let mut log = LogFile::new();
    log.requests(LINES);
    let path = log.path().to_owned();
    let bytes = path.metadata().unwrap().len();
    let (asked, largest) = (AtomicUsize::new(0), Arc::new(AtomicU64::new(0)));
    let (log, seen, written) = (Mutex::new(log), Arc::clone(&largest), path.clone());
    let collector = Collector::answering(([127, 0, 0, 1], 0).into(), move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < EXPORTS {
            log.lock().unwrap().requests(LINES);
            seen.fetch_max(written.metadata().unwrap().len(), Ordering::SeqCst);
        }
        taken()
    });
    let mut settings = config(&path, collector.address());
    settings.rotate_bytes = bytes;
    let spans = Spans::start_with(settings);
    let all = LINES * (EXPORTS as u64 + 1);
    wait::until("every line is sent or counted as lost", || {
        let counts = spans.counts();
        (counts.spans_sent.get() + counts.lines_lost.get() == all).then_some(())
    });
    assert!(spans.counts().lines_lost.get() > 0, "{:?}", spans.counts());
    // The hard bound is two files, and one export's worth comes before it is looked at.
    assert!(largest.load(Ordering::SeqCst) <= 3 * bytes + bytes / 10, "{} of {bytes}", largest.load(Ordering::SeqCst));
}

#[test]
fn a_process_that_still_writes_to_the_old_file_is_heard() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let mut settings = config(log.path(), collector.address());
    let _ = log.requests(3);
    let mut late = log.file();
    settings.rotate_bytes = log.path().metadata().unwrap().len();
    let spans = Spans::start_with(settings.clone());
    spans.until_counted("log_rotations", |counts| counts.log_rotations.get(), 1);
    log.requests(2);
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 5);
    late.write_all(log.next_line().1.as_bytes()).unwrap();
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 6);
    spans.stop();
    late.write_all(log.next_line().1.as_bytes()).unwrap();
    log.requests(1);
    let counts = Spans::start_with(settings).stop();
    assert_eq!((counts.lines_read.get(), counts.spans_sent.get()), (2, 2), "both places were noted");
}

#[test]
fn a_log_renamed_by_someone_else_is_read_to_its_end() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let spans = Spans::start(log.path(), collector.address());
    log.requests(2);
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 2);
    let mut old = log.file();
    fs::rename(log.path(), log.directory().join("access.log.1")).unwrap();
    old.write_all(log.next_line().1.as_bytes()).unwrap();
    log.requests(2);
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 5);
}
