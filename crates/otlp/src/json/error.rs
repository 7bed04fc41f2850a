//! Why a JSON document is no OTLP request.

use std::fmt;

/// A JSON document that is no OTLP request: where and why.
#[derive(Debug)]
pub struct JsonError {
    path: String,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Syntax(serde_json::Error),
    Expected(&'static str),
}

impl JsonError {
    pub(super) fn expected(what: &'static str) -> Self {
        Self { path: String::new(), problem: Problem::Expected(what) }
    }

    /// The same error, seen from the object that has the field.
    pub(super) fn in_field(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }

    /// The same error, seen from the array that has the element.
    pub(super) fn in_element(mut self, index: usize) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("[{index}]{dot}{}", self.path);
        self
    }

    /// Where in the document, such as `resourceSpans[0].scopeSpans[0].spans[1].traceId`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Syntax(error) => write!(f, "not JSON: {error}"),
            Problem::Expected(what) if self.path.is_empty() => write!(f, "{what} is expected"),
            Problem::Expected(what) => write!(f, "{}: {what} is expected", self.path),
        }
    }
}

impl std::error::Error for JsonError {}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self { path: String::new(), problem: Problem::Syntax(error) }
    }
}
