//! Batches that wait on the disk for a receiver that is away: frames in segments, the oldest first.
//!
//! A segment is written at its end only, and deleted when all its frames are answered for. Nothing here waits for the disk
//! at each frame: what is written survives the end of the process, however it ends; a power failure costs what was written
//! since the last segment was begun.

#[doc(hidden)]
pub mod frame;
mod place;
mod segment;
pub(crate) mod slot;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::pieces::Pieces;
use frame::Found;
pub(crate) use place::Place;
use segment::{Reading, Segment};
use slot::Slot;

/// A segment is full at this size: some twenty batches of spans. It is read whole, and its room is free again when all of it is
/// answered for.
const SEGMENT_BYTES: u64 = 4 << 20;
/// A segment is tried so often before those behind it are sent without it, which takes some 20 s with the pauses between them: a
/// want of file handles passes sooner.
const TRIES: u32 = 8;

/// Where batches wait.
#[derive(Debug)]
pub(super) struct Spool {
    slot: Slot,
    place: Place,
    /// The oldest first. While `end` is there, it writes the last one.
    segments: VecDeque<Segment>,
    end: Option<File>,
    /// The first segment, while it is read.
    begin: Option<Reading>,
    /// How often that could not be read.
    failures: u32,
    /// Bytes of segments that are left where they are because they cannot be read.
    left_out: u64,
    last_number: u64,
    /// Records that were here before.
    pub(super) found: u64,
    /// Records that cannot be read any more.
    pub(super) corrupt: u64,
    /// Records of segments that were given up because they cannot be read now.
    pub(super) unreadable: u64,
}

/// A batch cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotKept {
    #[error("the spool is full")]
    Full,
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl Spool {
    /// Opens the one at this place, and counts what is there.
    pub(super) fn open(place: &Place) -> io::Result<Self> {
        let slot = Slot::take(&place.directory, place.max_bytes)?;
        let left = slot.segments()?;
        let mut spool = Self {
            slot,
            place: place.clone(),
            segments: VecDeque::new(),
            end: None,
            begin: None,
            failures: 0,
            left_out: 0,
            last_number: left.last().map_or(0, |(number, _)| *number),
            found: 0,
            corrupt: 0,
            unreadable: 0,
        };
        left.iter().for_each(|(_, path)| spool.find(path));
        Ok(spool)
    }

    /// Puts a segment that another process has left behind the others, with what waits in it.
    fn find(&mut self, path: &Path) {
        match Segment::found(path) {
            Ok(segment) => {
                self.found += segment.records;
                self.segments.push_back(segment);
            }
            // It stays where it is; the others are none the worse.
            Err(error) => {
                self.left_out += slot::bytes_of(path);
                tracing::warn!(%error, "what an earlier process has left on the disk cannot be read");
            }
        }
    }

    /// Bytes on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum::<u64>() + self.left_out
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether a request of so many bytes can be kept.
    pub(super) fn has_room_for(&self, request_bytes: usize) -> bool {
        self.bytes() + (frame::HEAD_BYTES + request_bytes) as u64 <= self.place.max_bytes
    }

    /// Puts a batch behind the others.
    pub(super) fn keep(&mut self, request: &Pieces, records: usize) -> Result<(), NotKept> {
        if !self.has_room_for(request.len()) {
            return Err(NotKept::Full);
        }
        let pieces = request.iter().map(|piece| &piece[..]);
        let frame = u32::try_from(records).ok().and_then(|records| frame::frame(records, pieces));
        let frame = frame.ok_or(NotKept::Full)?;
        if self.segments.back().is_none_or(|last| self.end.is_none() || last.bytes >= SEGMENT_BYTES) {
            self.begin_segment()?;
        }
        let (Some(file), Some(segment)) = (&mut self.end, self.segments.back_mut()) else { return Err(NotKept::Full) };
        if let Err(error) = file.write_all(&frame) {
            // What is written of it must not stand before the next one. Where it cannot be taken back, the reader finds it.
            let taken_back = file.set_len(segment.bytes);
            self.end = None;
            if segment.bytes == 0 && taken_back.is_ok() {
                self.forget(self.segments.len() - 1);
            }
            return Err(error.into());
        }
        segment.bytes += frame.len() as u64;
        segment.records += records as u64;
        Ok(())
    }

    /// The oldest batch that waits, which is the same until it is [`answered`](Self::answered) for.
    ///
    /// # Errors
    /// When it cannot be read now. It is still there.
    pub(super) fn oldest(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let Some(reading) = self.begin.as_mut() else {
                match self.begin_reading() {
                    Ok(true) => {}
                    Ok(false) => return Ok(None),
                    Err(error) if self.is_to_blame() => self.leave_out(&error),
                    Err(error) => return Err(error),
                }
                continue;
            };
            let Some((found, next)) = frame::next(&reading.contents, reading.at) else {
                self.finish();
                continue;
            };
            match found {
                Found::Whole { at, records, answered: false, request } => {
                    reading.given = Some((at, records.into()));
                    return Ok(Some(reading.contents.slice(request)));
                }
                Found::Whole { .. } => reading.at = next,
                Found::Broken { records, bytes } => {
                    reading.at = next;
                    let records = u64::from(records.unwrap_or_default());
                    self.lose(records);
                    tracing::warn!(records, bytes, "a batch on the disk is broken, and left out");
                }
            }
        }
    }

    /// The batch that was given out last is not needed any more.
    ///
    /// # Returns
    /// Its records.
    pub(super) fn answered(&mut self) -> u64 {
        let (Some(reading), Some(segment)) = (&mut self.begin, self.segments.front_mut()) else { return 0 };
        let Some((at, records)) = reading.given.take() else { return 0 };
        segment.records = segment.records.saturating_sub(records);
        reading.at = frame::next(&reading.contents, at).map_or(reading.contents.len(), |(_, next)| next);
        // Without the mark it is sent twice should the process end before the segment is deleted; no more than that.
        let _ = segment.mark(at);
        if frame::next(&reading.contents, reading.at).is_none() {
            self.finish();
        }
        records
    }

    /// Leaves what is there on the disk.
    pub(super) fn close(&mut self) {
        if let Some(file) = self.end.take()
            && let Err(error) = (self.place.sync)(&file)
        {
            // It is written, and read from there for as long as the kernel has it.
            tracing::warn!(%error, "the disk does not say that it has what was written; a power failure may cost it");
        }
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        self.close();
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        let number = nanos.max(self.last_number + 1);
        let path = self.slot.segment(number);
        self.end = Some(slot::private(OpenOptions::new().append(true).create_new(true)).open(&path)?);
        self.last_number = number;
        self.segments.push_back(Segment { path, bytes: 0, records: 0 });
        Ok(())
    }

    /// Reads the first segment, which is not written to any more from now on. False where there is none.
    fn begin_reading(&mut self) -> io::Result<bool> {
        if self.segments.len() == 1 {
            self.close();
        }
        let Some(segment) = self.segments.front_mut() else { return Ok(false) };
        let contents = match segment::read(&segment.path) {
            Ok(contents) => contents,
            // Only what is gone is lost: a process that has too many files open can read it when it has fewer.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let records = segment.records;
                tracing::warn!(records, %error, "batches on the disk are gone");
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        // What is there is what counts, also where something has happened to it meanwhile.
        let (expected, there) = (segment.records, segment::waiting(&contents));
        segment.records = there;
        self.found += there.saturating_sub(expected);
        self.corrupt += expected.saturating_sub(there);
        self.begin = Some(Reading { contents: contents.into(), at: 0, given: None });
        self.failures = 0;
        Ok(true)
    }

    /// Whether it is the first segment's own fault that it cannot be read: it has failed often, and another one can be read.
    fn is_to_blame(&mut self) -> bool {
        self.failures += 1;
        self.failures >= TRIES && self.segments.iter().skip(1).any(Segment::is_readable)
    }

    /// Gives up the first segment. Its file stays, since somebody may mend what keeps it from being read: the next process looks
    /// at it again.
    fn leave_out(&mut self, error: &io::Error) {
        self.failures = 0;
        let Some(Segment { bytes, records, .. }) = self.segments.pop_front() else { return };
        self.left_out += bytes;
        self.unreadable += records;
        tracing::warn!(records, %error, "batches on the disk cannot be read, and are left out; their file stays");
    }

    /// All of the first segment is answered for. When none is left, the next one of a process that is gone is taken over, which
    /// had no room here before, or was left since.
    fn finish(&mut self) {
        self.forget(0);
        while self.segments.is_empty()
            && let Some((number, path)) = self.slot.adopt_next(self.place.max_bytes.saturating_sub(self.left_out))
        {
            self.last_number = self.last_number.max(number);
            self.find(&path);
        }
    }

    fn lose(&mut self, records: u64) {
        self.corrupt += records;
        if let Some(segment) = self.segments.front_mut() {
            segment.records = segment.records.saturating_sub(records);
        }
    }

    /// Deletes a segment of which nothing is needed any more.
    fn forget(&mut self, index: usize) {
        if index == 0 {
            self.begin = None;
        }
        let Some(segment) = self.segments.remove(index) else { return };
        if let Err(error) = fs::remove_file(&segment.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            // All that is in it is marked, and left out by the next process.
            tracing::warn!(%error, "what was delivered from the disk cannot be deleted");
        }
    }
}
