//! JSON text, object by object, without a tree in between.

use std::fmt::Write;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

/// Writes an object whose fields `fill` appends.
pub(super) fn object(out: &mut String, fill: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    fill(&mut Object { out, empty: true });
    out.push('}');
}

impl Object<'_> {
    /// Writes the name of a field and gives the place where its value goes.
    pub(super) fn field(&mut self, name: &str) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        string(self.out, name);
        self.out.push(':');
        self.out
    }

    /// A text, unless it is empty.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            string(self.field(name), value);
        }
    }

    /// A 32-bit number, unless it is zero.
    pub(super) fn number(&mut self, name: &str, value: i64) {
        if value != 0 {
            let _ = write!(self.field(name), "{value}");
        }
    }

    /// A 64-bit number as a string, unless it is zero.
    pub(super) fn long(&mut self, name: &str, value: u64) {
        if value != 0 {
            let _ = write!(self.field(name), "\"{value}\"");
        }
    }

    /// Bytes as hexadecimal digits, unless there are none.
    pub(super) fn hex(&mut self, name: &str, bytes: &[u8]) {
        if !bytes.is_empty() {
            let out = self.field(name);
            out.push('"');
            for byte in bytes {
                let _ = write!(out, "{byte:02x}");
            }
            out.push('"');
        }
    }

    /// An array, unless it is empty.
    pub(super) fn list<T>(&mut self, name: &str, items: impl Iterator<Item = T>, write: impl FnMut(&mut String, T)) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            list(self.field(name), items, write);
        }
    }
}

/// Writes an array.
pub(super) fn list<T>(out: &mut String, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut String, T)) {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Writes a string with what JSON wants escaped (RFC 8259, section 7).
pub(super) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        let _ = match byte {
            b'"' => out.write_str("\\\""),
            b'\\' => out.write_str("\\\\"),
            b'\n' => out.write_str("\\n"),
            b'\t' => out.write_str("\\t"),
            _ => write!(out, "\\u{byte:04x}"),
        };
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
