//! Whole lines of one growing file.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// What is read from the file at once.
const READ_BYTES: usize = 64 * 1024;
/// No line of nginx is longer: it holds at most four header buffers of 8 KiB, each byte escaped as six.
const MAX_LINE_BYTES: usize = 256 * 1024;

/// A line without its end.
#[derive(Debug, PartialEq)]
pub(crate) enum Line<'a> {
    /// As it stands.
    Whole(&'a [u8]),
    /// More than any nginx writes; what it said is not kept.
    TooLong,
}

/// A file and the place up to which its lines were taken.
pub(super) struct Reader {
    file: File,
    inode: u64,
    /// The end of the last line that was taken.
    offset: u64,
    /// How much of a line that is too long was thrown away.
    discarded: u64,
    /// What was read beyond `offset + discarded`, without the first `taken` bytes.
    buffer: Vec<u8>,
    taken: usize,
    line_length: Option<usize>,
}

impl Reader {
    /// Opens a file at a place that depends on its inode. A place beyond its end was another file's.
    pub fn open(path: &Path, offset_of: impl FnOnce(u64) -> u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let inode = metadata.ino();
        let offset = Some(offset_of(inode)).filter(|offset| *offset <= metadata.len()).unwrap_or(0);
        Ok(Self { file, inode, offset, discarded: 0, buffer: Vec::new(), taken: 0, line_length: None })
    }

    pub fn inode(&self) -> u64 {
        self.inode
    }

    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub fn size(&self) -> u64 {
        self.file.metadata().map_or(0, |file| file.len())
    }

    /// Begins again when the file is shorter than what was read of it.
    pub fn restart_if_truncated(&mut self) -> bool {
        let read = self.offset + self.discarded + (self.buffer.len() - self.taken) as u64;
        let truncated = self.size() < read;
        if truncated {
            self.buffer.clear();
            (self.offset, self.discarded, self.taken, self.line_length) = (0, 0, 0, None);
        }
        truncated
    }

    /// Whether a whole line follows. A line whose end is not written yet is none.
    pub fn has_line(&mut self) -> io::Result<bool> {
        let mut searched = self.taken;
        while self.line_length.is_none() {
            if let Some(end) = self.buffer[searched..].iter().position(|byte| *byte == b'\n') {
                self.line_length = Some(searched + end - self.taken);
                break;
            }
            self.buffer.drain(..self.taken);
            self.taken = 0;
            if self.buffer.len() > MAX_LINE_BYTES {
                self.discarded += self.buffer.len() as u64;
                self.buffer.clear();
            }
            searched = self.buffer.len();
            if self.read_more()? == 0 {
                break;
            }
        }
        Ok(self.line_length.is_some())
    }

    /// The line found by [`has_line`](Self::has_line).
    pub fn take_line(&mut self) -> Option<Line<'_>> {
        let length = self.line_length.take()?;
        let start = self.taken;
        self.taken += length + 1;
        self.offset += self.discarded + length as u64 + 1;
        let too_long = std::mem::take(&mut self.discarded) > 0 || length > MAX_LINE_BYTES;
        Some(if too_long { Line::TooLong } else { Line::Whole(&self.buffer[start..start + length]) })
    }

    /// Counts the lines that were not taken, and takes them.
    pub fn count_rest(&mut self) -> u64 {
        let mut lines = 0;
        while self.has_line().unwrap_or(false) {
            self.take_line();
            lines += 1;
        }
        lines
    }

    fn read_more(&mut self) -> io::Result<usize> {
        let held = self.buffer.len();
        self.buffer.resize(held + READ_BYTES, 0);
        let read = self.file.read_at(&mut self.buffer[held..], self.offset + self.discarded + held as u64);
        self.buffer.truncate(held + *read.as_ref().unwrap_or(&0));
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(reader: &mut Reader) -> Vec<String> {
        let mut lines = Vec::new();
        while reader.has_line().unwrap() {
            lines.push(match reader.take_line() {
                Some(Line::Whole(line)) => String::from_utf8(line.to_vec()).unwrap(),
                other => format!("{other:?}"),
            });
        }
        lines
    }

    fn file(content: &[u8]) -> (tempfile::NamedTempFile, Reader) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let reader = Reader::open(file.path(), |_| 0).unwrap();
        (file, reader)
    }

    #[test]
    fn a_line_is_read_when_its_end_is_written() {
        let (mut file, mut reader) = file(b"one\n\ntw");
        assert_eq!(lines(&mut reader), ["one", ""]);
        assert_eq!(reader.offset(), 5);
        file.write_all(b"o\nthree").unwrap();
        assert_eq!(lines(&mut reader), ["two"]);
        assert_eq!(reader.offset(), 9);
    }

    #[test]
    fn a_line_of_many_reads_is_whole_and_one_beyond_the_bound_is_thrown_away() {
        let longest = "x".repeat(MAX_LINE_BYTES);
        let (mut file, mut reader) = file(format!("{longest}\n{longest}x\nshort\n{longest}").as_bytes());
        assert_eq!(lines(&mut reader), [longest.as_str(), "Some(TooLong)", "short"]);
        for _ in 0..5 {
            file.write_all(longest.as_bytes()).unwrap();
            assert_eq!(lines(&mut reader), [""; 0]);
            assert!(reader.buffer.len() <= MAX_LINE_BYTES + READ_BYTES, "a line without an end takes no memory");
        }
        file.write_all(b"\nafter\n").unwrap();
        assert_eq!(lines(&mut reader), ["Some(TooLong)", "after"]);
        assert_eq!(reader.offset(), reader.size());
    }

    #[test]
    fn a_file_that_was_cut_off_is_read_from_its_beginning() {
        let (mut file, mut reader) = file(b"one\ntwo\nthr");
        assert_eq!(lines(&mut reader), ["one", "two"]);
        assert!(!reader.restart_if_truncated());
        file.as_file().set_len(0).unwrap();
        assert!(reader.restart_if_truncated());
        std::io::Seek::rewind(file.as_file_mut()).unwrap();
        file.write_all(b"new\n").unwrap();
        assert_eq!(lines(&mut reader), ["new"]);
    }

    #[test]
    fn a_place_beyond_the_end_is_another_files() {
        let (file, _) = file(b"one\n");
        assert_eq!(Reader::open(file.path(), |_| 4).unwrap().offset(), 4);
        assert_eq!(Reader::open(file.path(), |_| 5).unwrap().offset(), 0);
    }
}
