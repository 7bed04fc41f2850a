//! Batches that wait on the disk for a receiver that is away: frames in segments, the oldest first.
//!
//! A segment is written at its end only, and deleted when all its frames are answered for. Nothing here waits for the disk
//! at each frame: what is written survives the end of the process, however it ends; a power failure costs what was written
//! since the last segment was begun.

#[doc(hidden)]
pub mod frame;
pub(crate) mod slot;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::pieces::Pieces;
use frame::Found;
use slot::Slot;

/// A segment is full at this size: some twenty batches of spans. It is read whole, and its room is free again when all of it is
/// answered for.
const SEGMENT_BYTES: u64 = 4 << 20;

/// Where batches wait.
#[derive(Debug)]
pub(super) struct Spool {
    slot: Slot,
    max_bytes: u64,
    /// The oldest first. While `end` is there, it writes the last one.
    segments: VecDeque<Segment>,
    end: Option<File>,
    /// The first segment, while it is read.
    begin: Option<Reading>,
    last_number: u64,
    /// Records that were here before.
    pub(super) found: u64,
    /// Records that cannot be read any more.
    pub(super) corrupt: u64,
}

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    bytes: u64,
    /// Those that wait in it.
    records: u64,
}

#[derive(Debug)]
struct Reading {
    contents: Bytes,
    /// Where the next frame is.
    at: usize,
    /// Where the frame is that was given out, and how many records it has.
    given: Option<(usize, u64)>,
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
    /// Opens the one of `directory`, and counts what is there.
    pub(super) fn open(directory: &Path, max_bytes: u64) -> io::Result<Self> {
        let slot = Slot::take(directory, max_bytes)?;
        let (mut segments, mut last_number) = (VecDeque::new(), 0);
        for (number, path) in slot.segments()? {
            last_number = number;
            match fs::read(&path) {
                Ok(contents) => {
                    let (bytes, records) = (contents.len() as u64, waiting(&contents));
                    segments.push_back(Segment { path, bytes, records });
                }
                // It stays where it is; the others are none the worse.
                Err(error) => tracing::warn!(%error, "what an earlier process has left on the disk cannot be read"),
            }
        }
        let found = segments.iter().map(|segment| segment.records).sum();
        Ok(Self { slot, max_bytes, segments, end: None, begin: None, last_number, found, corrupt: 0 })
    }

    /// Bytes on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether a request of so many bytes can be kept.
    pub(super) fn has_room_for(&self, request_bytes: usize) -> bool {
        self.bytes() + (frame::HEAD_BYTES + request_bytes) as u64 <= self.max_bytes
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
                if self.begin_reading()? {
                    continue;
                }
                return Ok(None);
            };
            let Some((found, next)) = frame::next(&reading.contents, reading.at) else {
                self.forget(0);
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
        let _ = mark(&segment.path, at);
        if frame::next(&reading.contents, reading.at).is_none() {
            self.forget(0);
        }
        records
    }

    /// Leaves what is there on the disk.
    pub(super) fn close(&mut self) {
        if let Some(file) = self.end.take() {
            // It is written; this is for a power failure.
            let _ = file.sync_data();
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
        let contents = match fs::read(&segment.path) {
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
        let (expected, there) = (segment.records, waiting(&contents));
        segment.records = there;
        self.found += there.saturating_sub(expected);
        self.corrupt += expected.saturating_sub(there);
        self.begin = Some(Reading { contents: contents.into(), at: 0, given: None });
        Ok(true)
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

/// Records of a segment that are not answered for, as far as they can be counted.
fn waiting(contents: &[u8]) -> u64 {
    let (mut records, mut at) = (0, 0);
    while let Some((found, next)) = frame::next(contents, at) {
        at = next;
        records += match found {
            Found::Whole { records, answered: false, .. } => u64::from(records),
            Found::Whole { .. } => 0,
            Found::Broken { records, .. } => u64::from(records.unwrap_or_default()),
        };
    }
    records
}

fn mark(path: &Path, at: usize) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start((at + frame::STATE_AT) as u64))?;
    file.write_all(&[frame::ANSWERED])
}
