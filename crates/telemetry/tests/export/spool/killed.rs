//! Processes that end, in order or not, and those that come after them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use telemetry::Telemetry;
use testkit::{Receiver, Reply};

use super::{arrived, busy, delivered, emptied, leaves, segments, spool_of, spooling};
use crate::ledger::Ledger;
use crate::pipeline::{span, spans};

/// Set in the process that is killed: where its spool is.
const DIRECTORY: &str = "EXPORT_TEST_SPOOL";
/// What it writes when all its spans are on the disk.
const READY: &str = "all of them are on the disk";

#[test]
fn a_process_that_is_killed_leaves_its_spans_to_the_next_one() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Status(503, vec![]));
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let telemetry = spooling(&receiver, directory.as_ref(), &[]);
        spans(&telemetry, 95);
        telemetry.flush().expect("none is lost");
        assert_eq!(Ledger::of(&telemetry).spooled(), 95);
        eprintln!("{READY}");
        loop {
            std::thread::park();
        }
    }
    let directory = tempfile::tempdir().expect("a folder");
    let test = concat!(module_path!(), "::a_process_that_is_killed_leaves_its_spans_to_the_next_one");
    let test = test.split_once("::").map_or(test, |(_, test)| test);
    let mut process = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env(DIRECTORY, directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(process.stderr.take().expect("its log")).lines().map_while(Result::ok);
    let ready = lines.any(|line| line == READY);
    // SIGKILL.
    process.kill().expect("it lives");
    process.wait().expect("it ends");
    assert!(ready, "it wrote all of them");
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    let names = spans(&telemetry, 95);
    telemetry.flush().expect("they arrive");
    receiver.wait_until_taken(20);
    delivered(&telemetry, 95);
    telemetry.shutdown().expect("none is lost");
    let mut twice = arrived(&receiver);
    twice.sort();
    let mut expected = [names.clone(), names].concat();
    expected.sort();
    assert_eq!(twice, expected, "those of both processes, each once");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.started, ledger.exported), (95, 95), "what others have left is no part of this account");
    let spool = ledger.spool.expect("there is one");
    assert_eq!((spool.found, spool.delivered, spool.records), (95, 95, 0), "{spool:?}");
}

#[test]
fn what_was_answered_for_is_not_sent_again_by_the_next_process() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (names, _) = leaves(&receiver, directory.path(), 30);
    // The first of the three is taken, and no more.
    receiver.answer_next([Reply::Taken]);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    receiver.wait_until_taken(1);
    delivered(&telemetry, 10);
    telemetry.shutdown().expect("none is lost");
    let spool = spool_of(&telemetry);
    assert_eq!((spool.found, spool.delivered, spool.records), (30, 10, 20), "{spool:?}");
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    assert_eq!(emptied(&telemetry).found, 20);
    assert_eq!(arrived(&receiver), names, "each once, and in order");
}

#[test]
fn what_several_processes_have_left_one_after_another_arrives_in_their_order() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(busy());
    for generation in 0..3 {
        let telemetry = spooling(&receiver, directory.path(), &[]);
        (0..20).for_each(|number| span(&telemetry, format!("{generation} {number:02}")));
        telemetry.shutdown().expect("none is lost");
        assert_eq!(spool_of(&telemetry).records, 20 * (generation + 1));
    }
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    assert_eq!(emptied(&telemetry).found, 60);
    let arrived = arrived(&receiver);
    assert!(arrived.len() == 60 && arrived.is_sorted(), "{arrived:?}");
}

#[test]
fn the_end_while_the_receiver_is_away_leaves_all_on_the_disk_and_says_so() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (names, said) = leaves(&receiver, directory.path(), 55);
    let [line] = &said[..] else { panic!("one line: {said:#?}") };
    let expected = "every span was delivered, or is on the disk ended=55 exported=0 spooled=55 on_disk=55";
    assert!(line.contains("INFO") && line.contains(expected), "{line}");
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    receiver.wait_until_taken(6);
    telemetry.shutdown().expect("none is lost");
    assert_eq!(arrived(&receiver), names, "each once, and in order");
}

#[test]
fn what_is_under_way_when_time_is_up_goes_to_the_disk() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Silence);
    let telemetry = spooling(&receiver, directory.path(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000")]);
    spans(&telemetry, 25);
    telemetry.shutdown().expect("none is lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.spooled(), ledger.all_failed(), ledger.waiting), (25, 0, 0), "{ledger:?}");
}

/// Two pipelines beside each other whose spans are on the disk, since the receiver is busy.
fn two_with_20_spans_each(receiver: &Receiver, directory: &std::path::Path) -> (Telemetry, Telemetry) {
    receiver.answer_always(Reply::Status(503, vec![]));
    let both = (spooling(receiver, directory, &[]), spooling(receiver, directory, &[]));
    for telemetry in [&both.0, &both.1] {
        spans(telemetry, 20);
        telemetry.flush().expect("none is lost");
        assert_eq!(spool_of(telemetry).records, 20);
    }
    both
}

#[test]
fn two_processes_with_one_directory_leave_each_other_alone() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (one, other) = two_with_20_spans_each(&receiver, directory.path());
    assert_eq!(segments(directory.path()).len(), 2, "each writes its own");
    drop((one, other));
    receiver.answer_always(Reply::Taken);
    let next = spooling(&receiver, directory.path(), &[]);
    receiver.wait_until_taken(4);
    delivered(&next, 40);
    next.shutdown().expect("none is lost");
    let spool = spool_of(&next);
    assert_eq!((spool.found, spool.delivered), (40, 40), "who comes later sends what both have left: {spool:?}");
}

#[test]
fn what_a_process_leaves_is_sent_by_the_one_beside_it_that_lives() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (lives, ends) = two_with_20_spans_each(&receiver, directory.path());
    ends.shutdown().expect("none is lost");
    receiver.answer_always(Reply::Taken);
    delivered(&lives, 40);
    let spool = emptied(&lives);
    assert_eq!((spool.written, spool.found, spool.delivered), (20, 20, 40), "{spool:?}");
    assert_eq!(segments(directory.path()).len(), 0);
}
