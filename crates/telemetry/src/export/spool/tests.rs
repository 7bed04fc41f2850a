//! What becomes of segments that cannot be read or are too many.

use super::*;

const ROOM: u64 = 1 << 20;

fn spool(directory: &tempfile::TempDir) -> Spool {
    Spool::open(&Place::new(directory.path(), ROOM)).expect("a spool")
}

fn keep(spool: &mut Spool, request: &[u8], records: usize) {
    spool.keep(&request.to_vec().into(), records).expect("there is room");
}

/// Puts what cannot be read in the place of a segment, and gives back where that is now.
fn hide(directory: &tempfile::TempDir, path: &Path) -> std::path::PathBuf {
    let aside = directory.path().join("aside");
    fs::rename(path, &aside).expect("it is there");
    // Reading a folder fails, and not because nothing is there.
    fs::create_dir(path).expect("a folder");
    aside
}

/// Keeps a segment and hides it; gives back its place, and where it is now.
fn hidden(spool: &mut Spool, directory: &tempfile::TempDir) -> (std::path::PathBuf, std::path::PathBuf) {
    keep(spool, b"first", 3);
    spool.close();
    let path = spool.segments[0].path.clone();
    let aside = hide(directory, &path);
    (path, aside)
}

fn show(path: &Path, aside: &Path) {
    fs::remove_dir(path).expect("nobody has deleted it");
    fs::rename(aside, path).expect("it is there");
}

#[test]
fn a_segment_that_cannot_be_read_now_stays_and_is_read_later() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut spool = spool(&directory);
    let (path, aside) = hidden(&mut spool, &directory);
    keep(&mut spool, b"second", 4);
    for _ in 1..TRIES {
        assert!(spool.oldest().is_err());
        assert_eq!((spool.corrupt, spool.unreadable, spool.segments.len()), (0, 0, 2));
    }
    show(&path, &aside);
    for (request, records) in [(&b"first"[..], 3), (b"second", 4)] {
        assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(request));
        assert_eq!(spool.answered(), records);
    }
    assert_eq!((spool.oldest().expect("nothing fails"), spool.corrupt), (None, 0));
}

#[test]
fn a_segment_that_stays_unreadable_is_left_out_and_counted_and_the_next_start_finds_it() {
    let directory = tempfile::tempdir().expect("a folder");
    keep(&mut spool(&directory), b"first", 3);
    keep(&mut spool(&directory), b"second", 4);
    let mut spool = spool(&directory);
    let path = spool.segments[0].path.clone();
    let aside = hide(&directory, &path);
    let bytes = spool.bytes();
    for _ in 1..TRIES {
        let error = spool.oldest().expect_err("it cannot be read").to_string();
        assert!(error.contains(path.to_str().expect("a plain path")), "who mends it needs to know which: {error}");
    }
    assert_eq!(spool.oldest().expect("the next can be read").as_deref(), Some(&b"second"[..]));
    assert_eq!((spool.found, spool.unreadable, spool.corrupt), (7, 3, 0));
    assert_eq!(spool.bytes(), bytes, "it still takes its room");
    assert_eq!((spool.answered(), spool.is_empty()), (4, true));
    drop(spool);
    show(&path, &aside);
    let mut next = self::spool(&directory);
    assert_eq!(next.oldest().expect("it can be read").as_deref(), Some(&b"first"[..]));
    assert_eq!((next.found, next.answered(), next.bytes()), (3, 3, 0));
}

#[test]
fn no_segment_is_to_blame_while_no_other_can_be_read_either() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut alone = spool(&directory);
    let (path, aside) = hidden(&mut alone, &directory);
    let fails = |spool: &mut Spool| (0..2 * TRIES).for_each(|_| assert!(spool.oldest().is_err()));
    fails(&mut alone);
    alone.end = None;
    keep(&mut alone, b"second", 4);
    let second = alone.segments[1].path.clone();
    fs::remove_file(&second).expect("it is there");
    fs::create_dir(&second).expect("a folder");
    fails(&mut alone);
    assert_eq!((alone.unreadable, alone.segments.len()), (0, 2));
    show(&path, &aside);
    assert_eq!(alone.oldest().expect("it can be read").as_deref(), Some(&b"first"[..]));
}

#[test]
fn what_cannot_be_read_at_the_start_takes_its_room_and_holds_up_nobody() {
    let directory = tempfile::tempdir().expect("a folder");
    keep(&mut spool(&directory), b"first", 3);
    let path = spool(&directory).segments[0].path.clone();
    hide(&directory, &path);
    let mut spool = spool(&directory);
    assert_eq!((spool.found, spool.is_empty(), spool.bytes()), (0, true, slot::bytes_of(&path)));
    keep(&mut spool, b"second", 4);
    assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(&b"second"[..]));
}

#[test]
fn what_had_no_room_at_the_start_is_taken_over_when_all_else_is_answered_for() {
    let directory = tempfile::tempdir().expect("a folder");
    let request = [7; 100];
    let mut others: Vec<_> = (0..3).map(|_| spool(&directory)).collect();
    others.iter_mut().zip(1..).for_each(|(other, records)| keep(other, &request, records));
    drop(others);
    // Each has room for one of them.
    let mut spool = Spool::open(&Place::new(directory.path(), 150)).expect("a spool");
    assert_eq!(spool.found, 1);
    for records in 1..=3 {
        assert!(spool.oldest().expect("it can be read").is_some());
        assert_eq!((spool.found, spool.answered()), ((1..=records).sum(), records));
    }
    assert!(spool.is_empty());
    keep(&mut spool, b"new", 1);
    assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(&b"new"[..]));
}

#[test]
fn a_segment_that_is_gone_is_counted_and_does_not_hold_up_the_next() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut spool = spool(&directory);
    keep(&mut spool, b"first", 3);
    fs::remove_file(&spool.segments[0].path).expect("it is there");
    spool.close();
    spool.end = None;
    keep(&mut spool, b"second", 4);
    assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(&b"second"[..]));
    assert_eq!((spool.corrupt, spool.answered()), (3, 4));
    assert!(spool.is_empty());
}

#[test]
fn a_disk_that_cannot_be_waited_for_is_told_in_the_log_and_what_is_written_is_still_sent() {
    let directory = tempfile::tempdir().expect("a folder");
    let place = Place { sync: |_| Err(io::Error::other("no answer")), ..Place::new(directory.path(), ROOM) };
    let log = directory.path().join("log");
    let file = std::sync::Arc::new(File::create(&log).expect("a file"));
    let subscriber = crate::logs::subscriber("test-service", "warn", file).expect("a filter");
    let mut spool = Spool::open(&place).expect("a spool");
    keep(&mut spool, b"first", 3);
    tracing::subscriber::with_default(subscriber, || spool.close());
    let said = fs::read_to_string(&log).expect("it is there");
    assert!(said.lines().count() == 1 && said.contains("power failure") && said.contains("no answer"), "{said}");
    assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(&b"first"[..]));
    assert_eq!((spool.answered(), spool.corrupt), (3, 0));
}
