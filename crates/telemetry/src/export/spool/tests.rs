//! What becomes of segments that cannot be read or are too many.

use super::*;

const ROOM: u64 = 1 << 20;

fn spool(directory: &tempfile::TempDir) -> Spool {
    Spool::open(directory.path(), ROOM).expect("a spool")
}

fn keep(spool: &mut Spool, request: &[u8], records: usize) {
    spool.keep(&request.to_vec().into(), records).expect("there is room");
}

#[test]
fn a_segment_that_cannot_be_read_now_stays_and_is_read_later() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut spool = spool(&directory);
    keep(&mut spool, b"first", 3);
    spool.close();
    let path = spool.segments[0].path.clone();
    let aside = directory.path().join("aside");
    fs::rename(&path, &aside).expect("it is there");
    // Reading a folder fails, and not because nothing is there.
    fs::create_dir(&path).expect("a folder");
    keep(&mut spool, b"second", 4);
    for _ in 0..2 {
        assert!(spool.oldest().is_err());
        assert_eq!((spool.corrupt, spool.segments.len()), (0, 2));
    }
    fs::remove_dir(&path).expect("nobody has deleted it");
    fs::rename(&aside, &path).expect("it is there");
    for (request, records) in [(&b"first"[..], 3), (b"second", 4)] {
        assert_eq!(spool.oldest().expect("it can be read").as_deref(), Some(request));
        assert_eq!(spool.answered(), records);
    }
    assert_eq!((spool.oldest().expect("nothing fails"), spool.corrupt), (None, 0));
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
