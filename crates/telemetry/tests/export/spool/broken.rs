//! Files that are not what was written.

use std::fs;
use std::path::{Path, PathBuf};

use testkit::{Receiver, Reply};

use super::{arrived, emptied, leaves, segments, spooling};
use crate::log::Log;

/// Bytes in front of each request, with its length at the fifth.
const HEAD_BYTES: usize = 21;

/// Thirty spans in three batches on the disk, and the file that they are in.
fn three_batches(receiver: &Receiver, directory: &Path) -> (Vec<String>, PathBuf) {
    let (names, _) = leaves(receiver, directory, 30);
    receiver.answer_always(Reply::Taken);
    let [segment] = &segments(directory)[..] else { panic!("one segment") };
    (names, segment.clone())
}

/// Where each frame begins.
fn frames(segment: &[u8]) -> Vec<usize> {
    let mut begins = vec![0];
    while let Some(head) = segment.get(begins[begins.len() - 1]..).filter(|rest| rest.len() > HEAD_BYTES) {
        let length = u32::from_le_bytes(head[4..8].try_into().expect("four bytes")) as usize;
        begins.push(begins[begins.len() - 1] + HEAD_BYTES + length);
    }
    begins
}

#[test]
fn a_batch_that_was_not_written_whole_and_one_with_a_flipped_bit_are_left_out_and_counted() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (names, path) = three_batches(&receiver, directory.path());
    let mut segment = fs::read(&path).expect("it is there");
    let begins = frames(&segment);
    assert_eq!(begins.len(), 4, "three, and the end");
    segment[begins[1] + HEAD_BYTES + 40] ^= 4;
    segment.truncate(segment.len() - 3);
    fs::write(&path, &segment).expect("it is written");
    // The thread that reads has no log of its own.
    let log = Log::of_all_threads();
    let telemetry = spooling(&receiver, directory.path(), &[]);
    let spool = emptied(&telemetry);
    assert_eq!(arrived(&receiver), names[..10]);
    assert_eq!((spool.found, spool.delivered, spool.lost["corrupt"], spool.records), (30, 10, 20, 0), "{spool:?}");
    assert_eq!(segments(directory.path()).len(), 0);
    let broken = |line: &String| line.contains("a batch on the disk is broken") && line.contains("records=10");
    assert!(log.lines().iter().filter(|line| broken(line)).count() >= 2);
    telemetry.shutdown().expect_err("twenty are lost, whoever has made them");
}

#[test]
fn behind_a_head_that_cannot_be_read_the_next_batch_is_found() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (names, path) = three_batches(&receiver, directory.path());
    let mut segment = fs::read(&path).expect("it is there");
    // The length of the first one.
    segment[5] ^= 1;
    fs::write(&path, &segment).expect("it is written");
    let telemetry = spooling(&receiver, directory.path(), &[]);
    // How many were in it is not known any more.
    let spool = emptied(&telemetry);
    assert_eq!((spool.found, spool.delivered), (20, 20), "{spool:?}");
    assert_eq!(arrived(&receiver), names[10..]);
}

#[test]
fn a_file_that_is_no_segment_at_all_hurts_nobody() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let (names, path) = three_batches(&receiver, directory.path());
    let folder = path.parent().expect("a folder");
    fs::write(folder.join("00000000000000000001.segment"), [7; 5_000]).expect("it is written");
    fs::write(folder.join("00000000000000000002.segment"), []).expect("it is written");
    fs::write(folder.join("what is this"), "?").expect("it is written");
    let telemetry = spooling(&receiver, directory.path(), &[]);
    emptied(&telemetry);
    assert_eq!(arrived(&receiver), names);
}
