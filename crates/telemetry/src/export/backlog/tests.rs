//! When a receiver counts as away, and how it is found out that it is back.

use std::sync::Arc;

use super::*;
use crate::Config;
use crate::export::ledger::Spooled;
use crate::export::queue::Queue;

const LONG: Duration = Duration::from_secs(30);

fn source() -> Source {
    let config = Config::from_lookup("test-service", "1.2.3", &|_| None).expect("valid settings");
    Source::Queue { queue: Arc::new(Queue::new(config.span_batch)), resource: Arc::from([]) }
}

fn backlog(directory: &tempfile::TempDir, max_bytes: u64, source: &Source) -> Backlog {
    let place = Place::new(directory.path(), max_bytes);
    Backlog::open(Signal::Traces, Some(&place), source)
}

fn batch(number: u64) -> Batch {
    Batch { number, records: 0, queued_bytes: 0, request: vec![7; 100].into() }
}

fn refused() -> Failure {
    Failure::connection("nobody listens".to_owned())
}

#[test]
fn while_a_receiver_is_away_one_new_batch_at_a_time_finds_out_whether_it_is_back() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut backlog = backlog(&directory, 10_000, &source);
    assert_eq!(backlog.way(&batch(1), LONG), Way::Briefly(PATIENCE));
    assert_eq!(backlog.way(&batch(2), Duration::ZERO), Way::Briefly(Duration::ZERO), "who has less patience keeps it");
    backlog.told(1, Some(&refused()));
    assert!(backlog.keep(&source, &batch(1)));
    assert_eq!(backlog.way(&batch(3), LONG), Way::Disk);
    backlog.retry_at = Instant::now();
    assert_eq!(backlog.way(&batch(4), LONG), Way::Receiver(Duration::ZERO));
    assert_eq!(backlog.way(&batch(5), LONG), Way::Disk, "one is enough");
    backlog.told(4, Some(&refused()));
    assert_eq!(backlog.way(&batch(6), LONG), Way::Disk, "there is another pause");
    backlog.retry_at = Instant::now();
    assert_eq!(backlog.way(&batch(7), LONG), Way::Receiver(Duration::ZERO));
    backlog.told(7, None);
    assert_eq!(backlog.way(&batch(8), LONG), Way::Briefly(PATIENCE), "it is back");
}

#[test]
fn a_batch_of_the_disk_on_which_the_receiver_breaks_stays_and_does_not_hold_up_new_ones() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut backlog = backlog(&directory, 10_000, &source);
    assert!(backlog.keep(&source, &batch(1)));
    for failure in [refused(), Failure::bad_answer("the answer broke off".to_owned())] {
        backlog.retry_at = Instant::now();
        assert!(backlog.due(&source).is_some());
        assert!(!backlog.settle(&source, Err(failure)));
        assert!(backlog.due(&source).is_none(), "it has to wait");
        assert_eq!(backlog.way(&batch(2), LONG), Way::Briefly(PATIENCE));
    }
    assert!(backlog.next_at().is_some(), "it is still there");
}

/// What the ledger says of the disk.
fn account(source: &Source) -> Spooled {
    let Source::Queue { queue, .. } = source else { panic!("spans wait in a queue") };
    queue.account(|| ()).0.outcomes.spool
}

/// Sends the disk's batch so often, each time after the receiver has taken another one where `others` is true.
fn fail(backlog: &mut Backlog, source: &Source, failure: impl Fn() -> Failure, times: u32, others: bool) {
    for _ in 0..times {
        if others {
            backlog.told(9, None);
        }
        backlog.retry_at = Instant::now();
        assert!(backlog.due(source).is_some());
        assert!(!backlog.settle(source, Err(failure())));
    }
}

#[test]
fn a_batch_of_the_disk_that_fails_while_others_are_taken_is_given_up_and_the_next_is_sent() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut backlog = backlog(&directory, 10_000, &source);
    let spool = backlog.spool.as_mut().expect("there is one");
    for records in [3, 4] {
        spool.keep(&vec![records; 9].into(), records.into()).expect("there is room");
    }
    let slow = || Failure::timeout(LONG);
    let kinds: [fn() -> Failure; 2] = [|| Failure::timeout(LONG), || Failure::bad_answer("?".to_owned())];
    fail(&mut backlog, &source, slow, 2 * HOLDS_UP, false);
    for again in [Again::Later, Again::NotNow] {
        fail(&mut backlog, &source, || Failure::refused("busy", String::new(), again), 2 * HOLDS_UP, true);
    }
    assert_eq!(account(&source).all_lost(), 0, "nobody else was taken, or the receiver wants it later");
    for (kind, lost) in kinds.into_iter().zip([3, 7]) {
        let before = account(&source).all_lost();
        fail(&mut backlog, &source, kind, HOLDS_UP - 1, true);
        assert_eq!(account(&source).all_lost(), before);
        fail(&mut backlog, &source, kind, 1, true);
        assert_eq!(account(&source).all_lost(), lost);
    }
    assert_eq!(account(&source).lost, [(ledger::TIMEOUT, 3), (ledger::BAD_ANSWER, 4)].into());
    assert!(backlog.next_at().is_none(), "nothing is left");
}

#[test]
fn what_cannot_be_read_now_is_asked_for_again_after_a_pause() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut backlog = backlog(&directory, 10_000, &source);
    assert!(backlog.keep(&source, &batch(1)));
    let mut files = std::fs::read_dir(directory.path().join("0")).expect("a folder").flatten();
    let segment = files.find(|file| file.file_name() != "lock").expect("a segment").path();
    let aside = directory.path().join("aside");
    std::fs::rename(&segment, &aside).expect("it is there");
    std::fs::create_dir(&segment).expect("a folder");
    backlog.retry_at = Instant::now();
    assert!(backlog.due(&source).is_none());
    assert!(backlog.next_at().is_some_and(|next| next > Instant::now()), "nobody spins");
    std::fs::remove_dir(&segment).expect("nobody has deleted it");
    std::fs::rename(&aside, &segment).expect("it is there");
    backlog.retry_at = Instant::now();
    assert!(backlog.due(&source).is_some());
}

#[test]
fn what_stays_unreadable_is_counted_as_lost_and_what_is_behind_it_is_sent() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    for records in [3, 4] {
        let mut left = Spool::open(&Place::new(directory.path(), 10_000)).expect("a spool");
        left.keep(&vec![records; 9].into(), records.into()).expect("there is room");
    }
    let mut backlog = backlog(&directory, 10_000, &source);
    let files = std::fs::read_dir(directory.path().join("0")).expect("a folder").flatten();
    let oldest = files.map(|file| file.path()).filter(|path| path.extension().is_some()).min().expect("a segment");
    std::fs::remove_file(&oldest).expect("it is there");
    std::fs::create_dir(&oldest).expect("a folder");
    let mut tries = 1..100;
    let sent = tries.find_map(|_| {
        assert_eq!((account(&source).on_disk(), account(&source).all_lost()), (7, 0));
        backlog.retry_at = Instant::now();
        backlog.due(&source)
    });
    assert_eq!(sent.expect("it is not held up for ever").to_vec(), [4; 9]);
    assert_eq!((account(&source).on_disk(), account(&source).lost), (4, [(ledger::UNREADABLE, 3)].into()));
    assert!(backlog.settle(&source, Ok(Accepted::default())));
    let account = account(&source);
    assert_eq!((account.found, account.delivered, account.all_lost(), account.on_disk()), (7, 4, 3, 0));
}

#[test]
fn without_room_or_without_a_disk_a_batch_is_tried_for_as_long_as_ever() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut full = backlog(&directory, 50, &source);
    full.told(1, Some(&refused()));
    assert_eq!(full.way(&batch(2), LONG), Way::Receiver(LONG));
    assert!(!full.keep(&source, &batch(2)));
    let mut none = Backlog::open(Signal::Traces, None, &source);
    none.told(1, Some(&refused()));
    assert_eq!(none.way(&batch(2), LONG), Way::Receiver(LONG));
    assert!(!none.keep(&source, &batch(2)) && none.next_at().is_none());
}

#[test]
fn a_receiver_is_left_alone_for_as_long_as_it_wants_within_a_limit() {
    let (directory, source) = (tempfile::tempdir().expect("a folder"), source());
    let mut backlog = backlog(&directory, 10_000, &source);
    for (wish, expected) in [(5, Duration::from_secs(5)), (86_400, LONGEST_WISH)] {
        let before = Instant::now();
        backlog.wait(Again::After(Duration::from_secs(wish)));
        let after = Instant::now();
        assert!(before + expected <= backlog.retry_at && backlog.retry_at <= after + expected, "{wish}");
    }
}
