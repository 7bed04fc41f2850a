//! The log of a child: rotated by size, its last lines at hand.

use crate::{Error, Result};
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One file: an hour of a request a second, and quick to open in an editor.
pub const LOG_BYTES: u64 = 10 * 1024 * 1024;
/// The current file and two before it: a process never takes more than 30 MiB.
pub const KEPT_LOGS: usize = 3;
/// Enough to show why a process ended, few enough for a terminal.
const LAST_LINES: usize = 15;
/// A line longer than this is cut where it is shown; the file has it whole.
const SHOWN_LINE_BYTES: usize = 2_000;
/// What a pipe holds at once by default (pipe(7)).
const CHUNK_BYTES: usize = 64 * 1024;

/// `audit-service.log`, `audit-service.log.1` and so on: the older, the higher.
#[must_use]
pub fn rotated_name(path: &Path, age: usize) -> PathBuf {
    if age == 0 {
        return path.to_path_buf();
    }
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{age}"));
    PathBuf::from(name)
}

/// A file that begins anew before it exceeds its limit; the older ones are numbered.
pub(super) struct Rotated {
    path: PathBuf,
    file: File,
    written_bytes: u64,
    limit_bytes: u64,
    at_line_start: bool,
}

impl Rotated {
    pub(super) fn open(path: &Path, limit_bytes: u64) -> Result<Self> {
        let file = append(path)?;
        let written_bytes = file.metadata().map_or(0, |metadata| metadata.len());
        Ok(Self { path: path.into(), file, written_bytes, limit_bytes, at_line_start: true })
    }

    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        let full = self.written_bytes + chunk.len() as u64 > self.limit_bytes;
        // A line is torn only when it alone is longer than a whole chunk.
        if full && self.written_bytes > 0 && (self.at_line_start || chunk.len() == CHUNK_BYTES) {
            self.rotate()?;
        }
        self.file.write_all(chunk).map_err(Error::file("write", &self.path))?;
        self.written_bytes += chunk.len() as u64;
        self.at_line_start = chunk.ends_with(b"\n");
        Ok(())
    }

    fn rotate(&mut self) -> Result<()> {
        for age in (1..KEPT_LOGS).rev() {
            let _ = fs::rename(rotated_name(&self.path, age - 1), rotated_name(&self.path, age));
        }
        self.file = append(&self.path)?;
        self.written_bytes = 0;
        Ok(())
    }
}

fn append(path: &Path) -> Result<File> {
    OpenOptions::new().create(true).append(true).open(path).map_err(Error::file("open", path))
}

/// The last lines a process wrote.
#[derive(Clone, Default)]
pub(super) struct LastLines(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    whole: VecDeque<String>,
    partial: Vec<u8>,
}

impl LastLines {
    pub(super) fn get(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let partial = (!lines.partial.is_empty()).then(|| shown(&lines.partial));
        lines.whole.iter().cloned().chain(partial).collect()
    }

    fn push(&self, chunk: &[u8]) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            let room = SHOWN_LINE_BYTES.saturating_sub(lines.partial.len());
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            lines.partial.extend_from_slice(text.get(..room.min(text.len())).unwrap_or_default());
            if piece.ends_with(b"\n") {
                let line = shown(&lines.partial);
                lines.partial.clear();
                if lines.whole.len() == LAST_LINES {
                    lines.whole.pop_front();
                }
                lines.whole.push_back(line);
            }
        }
    }
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end().to_owned()
}

/// Reads what a child writes until nobody holds the other end. A full disk must not stop the child, so
/// reading goes on when writing fails.
pub(super) fn pump(mut output: impl Read, mut file: Option<Rotated>, last_lines: &LastLines) {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match output.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        last_lines.push(read);
        if let Some(file) = &mut file {
            let _ = file.write(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_a_bounded_number_of_files_and_no_torn_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("service.log");
        let mut log = Rotated::open(&path, 100).unwrap();
        for number in 0..50 {
            log.write(format!("line {number:04}\n").as_bytes()).unwrap();
        }
        let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), KEPT_LOGS, "{names:?}");
        assert!(fs::read_to_string(&path).unwrap().ends_with("line 0049\n"));
        for age in 0..KEPT_LOGS {
            let content = fs::read_to_string(rotated_name(&path, age)).unwrap();
            assert!(content.len() <= 100 && content.starts_with("line "), "{content}");
        }
    }

    #[test]
    fn the_last_lines_are_bounded_and_hold_what_was_not_ended() {
        let lines = LastLines::default();
        pump("a\n".repeat(40).as_bytes(), None, &lines);
        pump("é".repeat(5_000).as_bytes(), None, &lines);
        let shown = lines.get();
        assert_eq!(shown.len(), LAST_LINES + 1);
        assert!(shown.last().unwrap().len() <= SHOWN_LINE_BYTES + 3);
    }
}
