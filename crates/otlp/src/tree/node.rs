//! One span in a tree.

use super::Value;
use crate::{SpanId, SpanKind, StatusCode};

/// One span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// The resource's `service.name`.
    pub service: String,
    /// Its own id.
    pub span_id: SpanId,
    /// The id of its parent; none for a root.
    pub parent_span_id: Option<SpanId>,
    /// Its kind.
    pub kind: SpanKind,
    /// Its name.
    pub name: String,
    /// When it began, in nanoseconds since the Unix epoch.
    pub start_unix_nanos: u64,
    /// When it ended, in nanoseconds since the Unix epoch.
    pub end_unix_nanos: u64,
    /// How it ended.
    pub status: StatusCode,
    /// Why it failed.
    pub status_message: String,
    /// Its attributes.
    pub attributes: Vec<(String, Value)>,
    /// What happened meanwhile.
    pub events: Vec<Event>,
    /// The attributes of its resource.
    pub resource: Vec<(String, Value)>,
    /// The name of its instrumentation scope.
    pub scope: String,
    /// Positions of its children in [`TraceTree::nodes`](super::TraceTree::nodes), by start.
    pub children: Vec<usize>,
}

/// Something that happened at one time in a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// When, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// What.
    pub name: String,
    /// More about it.
    pub attributes: Vec<(String, Value)>,
}

impl Node {
    /// The value of an attribute.
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }

    /// How long it took in nanoseconds; zero when it ended before it began.
    pub fn duration_nanos(&self) -> u64 {
        self.end_unix_nanos.saturating_sub(self.start_unix_nanos)
    }

    /// Whether its status is Error.
    pub fn is_error(&self) -> bool {
        self.status == StatusCode::Error
    }
}

impl Event {
    /// The value of an attribute.
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }
}

fn find<'n>(attributes: &'n [(String, Value)], key: &str) -> Option<&'n Value> {
    attributes.iter().find(|(found, _)| found == key).map(|(_, value)| value)
}
