//! The access log as a queue: the file nginx writes to, and the one before it.
//!
//! - [`reader`]: whole lines of one file from a place on.
//! - [`position`]: the noted place.
//! - [`rotation`]: the log begun anew.

mod position;
mod reader;
mod rotation;

pub(crate) use reader::Line;

use crate::{Config, Counts, notice};
use position::Position;
use reader::Reader;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many files' worth are written before lines that wait in the older file are given up: a burst is caught up with
/// below that, and the log's directory never needs more than this and the older file together.
const HARD_BOUND_FILES: u64 = 2;

/// The access log, read from the noted place on, the older file first.
///
/// nginx's workers change to a new file one after the other and may still write to the old one meanwhile. So the old
/// one is read along until the next rotation, instead of for a time that might be too short.
pub(crate) struct AccessLog {
    path: PathBuf,
    old_path: PathBuf,
    position_file: PathBuf,
    pid_file: PathBuf,
    rotate_bytes: u64,
    old: Option<Reader>,
    current: Option<Reader>,
    noted: Position,
    counts: Arc<Counts>,
}

impl AccessLog {
    /// Opens what is there. A log without a noted place is read from its beginning.
    pub fn open(config: &Config, counts: Arc<Counts>) -> Self {
        let noted = Position::load(&config.position_file);
        let mut log = Self {
            path: config.access_log.clone(),
            old_path: rotation::old_path(&config.access_log),
            position_file: config.position_file.clone(),
            pid_file: config.pid_file.clone(),
            rotate_bytes: config.rotate_bytes,
            old: None,
            current: None,
            noted,
            counts,
        };
        // An older file that is not noted was read to its end before.
        log.old = log.open_file(&log.old_path).filter(|file| log.noted.offset(file.inode()).is_some());
        log
    }

    /// Whether there is a whole line; [`take_line`](Self::take_line) has it.
    pub fn has_line(&mut self) -> io::Result<bool> {
        for file in [&mut self.old, &mut self.current].into_iter().flatten() {
            if file.has_line()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The line found by [`has_line`](Self::has_line).
    pub fn take_line(&mut self) -> Option<Line<'_>> {
        [&mut self.old, &mut self.current].into_iter().flatten().find_map(Reader::take_line)
    }

    /// Notices files that were renamed or begun, and begins a new one when the bound is reached and the older one is
    /// read to its end.
    pub fn refresh(&mut self) {
        self.follow();
        let unread = self.old.as_mut().is_some_and(|old| old.has_line().unwrap_or(false));
        if !unread {
            self.keep_bound();
        }
    }

    /// Begins a new file when the bound is reached, even if lines of the older one are lost by that.
    pub fn keep_bound(&mut self) {
        self.rotate_at(self.rotate_bytes.max(1));
    }

    /// The same at a bound above that, for when reading goes on but writing is faster: then
    /// [`refresh`](Self::refresh) never finds the older file read to its end.
    pub fn keep_hard_bound(&mut self) {
        self.rotate_at(self.rotate_bytes.max(1).saturating_mul(HARD_BOUND_FILES));
    }

    fn rotate_at(&mut self, bytes: u64) {
        if self.current.as_ref().is_some_and(|file| file.size() >= bytes) {
            self.rotate();
        }
    }

    /// Notices files that were renamed or begun.
    pub fn follow(&mut self) {
        match self.path.metadata().map(|file| file.ino()) {
            Ok(inode) if self.current.as_ref().map(Reader::inode) == Some(inode) => {
                if self.current.as_mut().is_some_and(Reader::restart_if_truncated) {
                    notice::warn("the access log was cut off by someone else", &[]);
                }
            }
            Ok(_) => {
                self.retire_current();
                self.current = self.open_file(&self.path);
            }
            Err(_) if self.current.is_some() || self.old.is_some() => {
                self.retire_current();
                // Renamed, and nginx was not told, or not there to be told.
                rotation::reopen(&self.pid_file);
            }
            Err(_) => {}
        }
    }

    /// Notes the place up to which lines were taken: their spans are with the collector.
    pub fn note(&mut self) {
        let position = Position::of([&self.old, &self.current].into_iter().flatten());
        if position == self.noted {
            return;
        }
        if let Err(error) = position.save(&self.position_file) {
            let fields =
                [("file", self.position_file.display().to_string().into()), ("error", error.to_string().into())];
            notice::error("the place in the access log cannot be noted: a restart would repeat spans", &fields);
        }
        self.noted = position;
    }

    fn rotate(&mut self) {
        // The old file goes first from the note, then from the disk: a new one may get its inode.
        self.drop_old();
        self.note_without_old();
        if let Err(error) = std::fs::rename(&self.path, &self.old_path) {
            let fields = [("file", self.path.display().to_string().into()), ("error", error.to_string().into())];
            return notice::error("the access log cannot be renamed and grows beyond its bound", &fields);
        }
        self.old = self.current.take();
        self.counts.log_rotations.add(1);
        rotation::reopen(&self.pid_file);
    }

    fn retire_current(&mut self) {
        if self.current.is_some() {
            self.drop_old();
            self.old = self.current.take();
        }
    }

    fn drop_old(&mut self) {
        let Some(mut old) = self.old.take() else { return };
        let lost = old.count_rest();
        if lost > 0 {
            self.counts.lines_lost.add(lost);
            notice::error("the access log's bound is reached: lines are lost", &[("lines", lost.into())]);
        }
    }

    /// Lines that were taken but whose spans are still on their way are not noted.
    fn note_without_old(&mut self) {
        let Some(current) = &self.current else { return };
        let offset = self.noted.offset(current.inode()).unwrap_or(0);
        self.noted = Position::at(current.inode(), offset);
        // What cannot be written now is said when the next place is noted.
        let _ = self.noted.save(&self.position_file);
    }

    fn open_file(&self, path: &Path) -> Option<Reader> {
        Reader::open(path, |inode| self.noted.offset(inode).unwrap_or(0)).ok()
    }
}
