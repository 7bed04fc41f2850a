//! A folder for each process that has the same spool: who holds the lock of one is its owner.
//!
//! ```text
//! <TELEMETRY_SPOOL_DIRECTORY>/<service.name>/<signal>/<slot>/lock
//!                                                            00001763726400000000000.segment
//! ```
//!
//! The kernel frees a lock when its process is gone, however it ended. A process takes the first slot that is free, and with
//! it whatever is left in it and in the others that are free.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Processes of one service that may have the same directory at the same time.
const SLOTS: usize = 64;
/// Bytes of a service's name that name its folder; file systems take 255.
const NAME_BYTES: usize = 200;
/// Segments' numbers are below: the year 2262. A file with a higher one is nobody's, and there are always numbers behind one's own.
const END_OF_TIME: u64 = i64::MAX as u64;
/// What a segment's name ends with.
const SUFFIX: &str = ".segment";

/// A folder that is this process' own.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) path: PathBuf,
    /// Held for as long as it is open.
    _lock: File,
}

impl Slot {
    /// Takes the first free one below `directory`, and moves what is left in other free ones there, up to `max_bytes` with what
    /// it has.
    pub(super) fn take(directory: &Path, max_bytes: u64) -> io::Result<Self> {
        for number in 0..SLOTS {
            let path = directory.join(number.to_string());
            create(&path)?;
            let Some(slot) = Self::lock(path)? else { continue };
            let own = slot.segments()?.iter().map(|(_, path)| bytes_of(path)).sum();
            let mut room = max_bytes.saturating_sub(own);
            for other in slot.others() {
                for left in other.segments().unwrap_or_default() {
                    if slot.adopt(left, &mut room).is_none() {
                        break;
                    }
                }
            }
            return Ok(slot);
        }
        Err(io::Error::other(format!("{SLOTS} processes use it already")))
    }

    /// `None` where another process has it.
    fn lock(path: PathBuf) -> io::Result<Option<Self>> {
        let lock = private(OpenOptions::new().create(true).write(true).truncate(false)).open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path, _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Moves the oldest segment of another slot whose process is gone here, if there is `room` for it.
    ///
    /// # Returns
    /// Its number and where it is now.
    pub(super) fn adopt_next(&self, mut room: u64) -> Option<(u64, PathBuf)> {
        self.others().find_map(|other| self.adopt(other.segments().ok()?.into_iter().next()?, &mut room))
    }

    /// The other slots that no process has, each held while it is looked at. Who wants it in that moment takes another one.
    fn others(&self) -> impl Iterator<Item = Self> {
        let siblings = (0..SLOTS).map(|number| self.path.with_file_name(number.to_string()));
        let others = siblings.filter(|path| *path != self.path && path.is_dir());
        others.filter_map(|path| Self::lock(path).ok().flatten())
    }

    /// Moves a segment here. `None` for what cannot be moved, and for what has no room here: it stays where it is, for another
    /// process or the next one.
    fn adopt(&self, (mut number, path): (u64, PathBuf), room: &mut u64) -> Option<(u64, PathBuf)> {
        let left = room.checked_sub(bytes_of(&path))?;
        while self.segment(number).exists() {
            number += 1;
        }
        if let Err(error) = fs::rename(path, self.segment(number)) {
            tracing::warn!(%error, "what an earlier process has left on the disk cannot be taken over");
            return None;
        }
        *room = left;
        Some((number, self.segment(number)))
    }

    /// Numbers and paths of the segments in it, the oldest first.
    pub(super) fn segments(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(SUFFIX));
            if let Some(number) = name.and_then(|name| name.parse().ok()).filter(|number| *number < END_OF_TIME) {
                segments.push((number, path));
            }
        }
        segments.sort();
        Ok(segments)
    }

    /// The path of a segment. Numbers are nanoseconds since 1970, so that the order holds across processes.
    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:020}{SUFFIX}"))
    }
}

/// What a file takes; nothing where that is not known.
pub(super) fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// Spans have what a service's requests are about; they are nobody else's.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// A service's name as the name of a folder: what is not plain is percent-encoded.
pub(crate) fn folder(service_name: &str) -> String {
    let mut folder = String::new();
    for byte in service_name.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => folder.push(byte.into()),
            // A point at the begin would make it hidden, or a way out.
            b'.' if !folder.is_empty() => folder.push('.'),
            _ => folder.push_str(&format!("%{byte:02X}")),
        }
        if folder.len() >= NAME_BYTES {
            break;
        }
    }
    if folder.is_empty() { "%".to_owned() } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: u64 = 1_000;

    #[test]
    fn no_name_of_a_service_leads_out_of_the_directory() {
        let table = [
            ("order-service", "order-service"),
            ("a.b", "a.b"),
            ("..", "%2E."),
            ("../a b", "%2E.%2Fa%20b"),
            ("", "%"),
            ("ä", "%C3%A4"),
        ];
        for (name, expected) in table {
            assert_eq!(folder(name), expected);
        }
        assert!(folder(&"/".repeat(1_000)).len() < 255);
    }

    #[test]
    fn a_slot_is_one_process_at_a_time_and_what_is_left_in_a_free_one_is_taken_over() {
        let directory = tempfile::tempdir().expect("a folder");
        let first = Slot::take(directory.path(), ROOM).expect("a slot");
        let second = Slot::take(directory.path(), ROOM).expect("a slot");
        assert_ne!(first.path, second.path);
        fs::write(second.segment(7), b"left").expect("a file");
        fs::write(second.segment(8), b"left").expect("a file");
        let (first_path, second_path) = (first.path.clone(), second.path.clone());
        let third = Slot::take(directory.path(), ROOM).expect("a slot");
        assert_eq!(third.segments().expect("a folder").len(), 0, "who lives keeps what is its own");
        drop((first, second));
        fs::write(first_path.join("00000000000000000007.segment"), b"before").expect("a file");
        let again = Slot::take(directory.path(), ROOM).expect("a slot");
        assert_eq!(again.path, first_path);
        let numbers: Vec<_> = again.segments().expect("a folder").into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers.len(), 3, "{numbers:?}");
        assert_eq!(fs::read(again.segment(7)).expect("it is there"), b"before");
        assert!(!second_path.join("00000000000000000007.segment").exists());
    }

    #[test]
    fn no_more_is_taken_over_than_there_is_room_for_and_the_rest_waits() {
        let directory = tempfile::tempdir().expect("a folder");
        let slots: Vec<_> = (0..3).map(|_| Slot::take(directory.path(), ROOM).expect("a slot")).collect();
        for slot in &slots {
            (1..3).for_each(|number| fs::write(slot.segment(number), [0; 300]).expect("a file"));
        }
        drop(slots);
        let of = |slot: &Slot| slot.segments().expect("a folder").len();
        let first = Slot::take(directory.path(), ROOM).expect("a slot");
        assert_eq!(of(&first), 3, "its own two, and one that fits");
        let second = Slot::take(directory.path(), ROOM).expect("a slot");
        assert_eq!(of(&second), 3, "the one that was left, and both of the last");
        assert_eq!((of(&first), of(&second)), (3, 3), "all six are there");
        drop((first, second));
        assert_eq!(of(&Slot::take(directory.path(), 100).expect("a slot")), 3, "what is there already stays there");
    }

    #[test]
    fn a_file_with_a_number_that_no_time_has_is_left_alone() {
        let directory = tempfile::tempdir().expect("a folder");
        let slot = Slot::take(directory.path(), ROOM).expect("a slot");
        let strange = slot.path.join(format!("{}.segment", u64::MAX));
        fs::write(&strange, b"strange").expect("a file");
        fs::write(slot.segment(7), b"left").expect("a file");
        assert_eq!(slot.segments().expect("a folder"), [(7, slot.segment(7))]);
        assert!(strange.exists());
    }
}
