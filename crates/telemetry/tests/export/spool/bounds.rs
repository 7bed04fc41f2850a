//! A spool that is full, and one that cannot be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{Receiver, Reply};

use super::{AWAY_SECONDS, arrived, emptied, segments, spool_of, spooling};
use crate::ledger::{Ledger, Spool};
use crate::log::Log;
use crate::pipeline::spans;

/// How often that was logged for a pipeline of which one log line has this text.
fn times(log: &Log, message: &str) -> usize {
    log.lines().iter().filter(|line| line.contains(message)).count()
}

#[test]
fn a_full_spool_keeps_what_it_has_and_what_does_not_fit_fails() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Status(503, vec![("retry-after", AWAY_SECONDS.to_owned())]));
    receiver.hold();
    let telemetry = spooling(&receiver, directory.path(), &[("TELEMETRY_SPOOL_MAX_BYTES", "6000")]);
    let names = spans(&telemetry, 100);
    receiver.release();
    telemetry.flush().expect_err("some are lost");
    let ledger = Ledger::of(&telemetry);
    let spool = ledger.spool.clone().expect("there is one");
    assert!(spool.written >= 10 && spool.written < 100 && spool.bytes <= 6_000, "{ledger:?}");
    assert_eq!(ledger.failed["503"], 100 - spool.written, "{ledger:?}");
    let on_disk: u64 = segments(directory.path()).iter().map(|path| fs::metadata(path).expect("a file").len()).sum();
    assert_eq!(on_disk, spool.bytes);
    receiver.answer_always(Reply::Taken);
    assert_eq!(emptied(&telemetry).delivered, spool.written);
    assert_eq!(arrived(&receiver), names[..spool.written as usize], "the oldest stay");
    // There is room again.
    receiver.answer_always(Reply::Status(503, vec![]));
    spans(&telemetry, 10);
    let _ = telemetry.flush();
    assert_eq!(spool_of(&telemetry).written, spool.written + 10);
}

#[test]
fn what_was_to_make_room_and_finds_none_on_the_disk_is_tried_as_without_one() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_next(vec![Reply::Status(503, vec![]); 4]);
    receiver.hold();
    let settings = [
        ("TELEMETRY_SPOOL_MAX_BYTES", "1500"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "40"),
        ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "4"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "30000"),
    ];
    let telemetry = spooling(&receiver, directory.path(), &settings);
    spans(&telemetry, 40);
    receiver.wait_until_held(4);
    receiver.release();
    telemetry.flush().expect("none is lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.spooled(), ledger.exported, ledger.all_failed()), (10, 30, 0), "{ledger:?}");
}

#[test]
fn a_directory_that_cannot_be_used_is_told_once_and_spans_fail_as_without_one() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Status(503, vec![]));
    let file = directory.path().join("file");
    fs::write(&file, "").expect("it is written");
    let log = Log::of_all_threads();
    let before = times(log, "the spool cannot be used");
    let telemetry = spooling(&receiver, &file, &[]);
    spans(&telemetry, 30);
    telemetry.flush().expect_err("they are lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.failed["503"], ledger.spooled()), (30, 0), "{ledger:?}");
    assert_eq!(times(log, "the spool cannot be used"), before + 1);
}

/// Set in the process whose files are limited: where its spool is.
const DIRECTORY: &str = "EXPORT_TEST_SMALL_FILES";

/// The spool's place in such a process.
fn limited() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

/// Runs a test of this module in a process whose files may have so many blocks: as on a disk that is full, the write that goes
/// beyond them ends after a part of it, and the next one fails.
fn with_small_files(test: &str, blocks: &str, directory: &Path) {
    let module = module_path!().split_once("::").map_or("", |(_, module)| module);
    let output = Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", &format!("{module}::{test}"), "--nocapture"])
        .env(DIRECTORY, directory)
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "it is the test's name: {said}");
}

#[test]
fn a_write_that_breaks_off_is_taken_back() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Status(503, vec![]));
    if let Some(directory) = limited() {
        let telemetry = spooling(&receiver, &directory, &[]);
        spans(&telemetry, 200);
        telemetry.shutdown().expect("none is lost: there is another file for each batch that found no room");
        return;
    }
    let directory = tempfile::tempdir().expect("a folder");
    with_small_files("a_write_that_breaks_off_is_taken_back", "8", directory.path());
    assert!(segments(directory.path()).len() > 1, "the limit was met");
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    let spool = emptied(&telemetry);
    assert_eq!((spool.found, spool.delivered, spool.lost.len()), (200, 200, 0), "{spool:?}");
}

#[test]
fn on_a_disk_without_a_byte_of_room_every_span_is_counted_with_its_reason_and_nothing_is_left_there() {
    if let Some(directory) = limited() {
        let an_hour = ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000");
        for (reply, reason) in [(Reply::Status(503, vec![]), "503"), (Reply::Silence, "shutdown")] {
            let receiver = Receiver::start();
            receiver.answer_always(reply);
            let telemetry = spooling(&receiver, &directory, &[an_hour]);
            spans(&telemetry, 35);
            let said = Log::of(|| {
                let lost = telemetry.shutdown().expect_err("they are lost").to_string();
                assert_eq!(lost, "35 records could not be delivered");
            });
            let [line] = &said[..] else { panic!("one line: {said:#?}") };
            let expected =
                format!("not every span was delivered ended=35 exported=0 failed=35 reasons=\"{reason}=35\"");
            assert!(line.contains(&expected) && line.contains("spooled=0 on_disk=0"), "{line}");
            let ledger = Ledger::of(&telemetry);
            assert_eq!((ledger.failed.get(reason), ledger.all_failed(), ledger.waiting), (Some(&35), 35, 0));
            assert_eq!(ledger.spool, Some(Spool::default()), "nothing is there, and nothing was");
            assert_eq!(segments(&directory).len(), 0, "no empty files either");
        }
        return;
    }
    let directory = tempfile::tempdir().expect("a folder");
    let test = "on_a_disk_without_a_byte_of_room_every_span_is_counted_with_its_reason_and_nothing_is_left_there";
    with_small_files(test, "0", directory.path());
}

#[test]
fn a_disk_that_is_gone_is_no_place_and_spans_fail_as_without_one() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Status(503, vec![]));
    let telemetry = spooling(&receiver, directory.path(), &[]);
    // It is open when this is answered.
    let _ = telemetry.flush();
    fs::remove_dir_all(directory.path()).expect("it goes");
    spans(&telemetry, 30);
    telemetry.flush().expect_err("they are lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.failed["503"], ledger.spooled()), (30, 0), "{ledger:?}");
}
