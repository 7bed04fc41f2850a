//! A log written by the tests themselves, to have lines that nginx writes seldom or never.

use otlp::TraceId;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An access log in a directory of its own.
pub struct LogFile {
    directory: TempDir,
    path: PathBuf,
    lines: u64,
}

impl LogFile {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access.log");
        Self { directory, path, lines: 0 }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Appends lines of one span each; the ids of their traces.
    pub fn requests(&mut self, count: u64) -> Vec<TraceId> {
        let mut text = String::new();
        let mut ids = Vec::new();
        for _ in 0..count {
            let (id, line) = self.next_line();
            ids.push(id);
            text.push_str(&line);
        }
        self.append(text.as_bytes());
        ids
    }

    /// Appends bytes.
    pub fn append(&self, bytes: &[u8]) {
        self.file().write_all(bytes).unwrap();
    }

    /// As nginx does upon USR1.
    pub fn file(&self) -> File {
        OpenOptions::new().append(true).create(true).open(&self.path).unwrap()
    }

    /// A line of a request that ended at the gateway.
    pub fn next_line(&mut self) -> (TraceId, String) {
        self.lines += 1;
        let id = format!("{:016x}{:016x}", self.lines, self.lines);
        let line = format!(
            r#"{{"time":"2026-01-02T03:04:05+00:00","end_s":1767323045.678,"seconds":0.012,"request_id":"{id}","trace_id":"{id}","parent_id":"","sampled":1,"method":"GET","path":"/x","route":"","scheme":"http","protocol":"HTTP/1.1","status":"404","request_body_bytes":"","response_body_bytes":9,"bytes_in":1,"bytes_out":2,"client":"127.0.0.1","client_port":"1","host":"x","port":"80","user_agent":"","service":"","upstream":"","upstream_path":"","upstream_start_s":"","upstream_status":"","upstream_connect_s":"","upstream_header_s":"","upstream_seconds":"","upstream_bytes_sent":""}}"#
        );
        (id.parse().unwrap(), format!("{line}\n"))
    }
}
