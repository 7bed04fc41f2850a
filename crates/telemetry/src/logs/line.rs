//! A JSON object, written member by member.

use std::fmt::{self, Write as _};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Room for a usual line.
const USUAL_BYTES: usize = 256;

/// An object that is being written.
pub(super) struct Line {
    bytes: Vec<u8>,
    /// Where a value's text is made before it is escaped.
    text: String,
}

impl Line {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.push(b'{');
        Self { bytes, text: String::new() }
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
    }

    /// A value by its `Display` or `Debug` form. What cannot be written is written as far as it can.
    pub(super) fn formatted(&mut self, name: &str, value: fmt::Arguments<'_>) {
        self.name(name);
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let _ = text.write_fmt(value);
        self.string(&text);
        self.text = text;
    }

    /// A whole number, or `true`, or `false`: what is JSON as it is.
    pub(super) fn literal(&mut self, name: &str, value: impl fmt::Display) {
        self.name(name);
        // Writing to a vector does not fail.
        let _ = std::io::Write::write_fmt(&mut self.bytes, format_args!("{value}"));
    }

    /// A number; what JSON has no number for is `null`.
    pub(super) fn double(&mut self, name: &str, value: f64) {
        self.name(name);
        let _ = serde_json::to_writer(&mut self.bytes, &value);
    }

    pub(super) fn time(&mut self, name: &str, time: OffsetDateTime) {
        self.name(name);
        self.bytes.push(b'"');
        // Only years that a clock does not have cannot be written.
        let _ = time.format_into(&mut self.bytes, &Rfc3339);
        self.bytes.push(b'"');
    }

    /// The whole object.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.push(b'}');
        self.bytes
    }

    fn name(&mut self, name: &str) {
        if self.bytes.len() > 1 {
            self.bytes.push(b',');
        }
        self.string(name);
        self.bytes.push(b':');
    }

    /// Quotes and escapes; neither fails when it writes to a vector.
    fn string(&mut self, text: &str) {
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }
}
