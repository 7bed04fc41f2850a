//! What a list shows of a trace, kept up to date while spans arrive.

use std::sync::Arc;

use otlp::TraceId;

use super::batch::SpanHead;
use super::cost::SERVICE_BYTES;

/// A list shows no more of a name; the trace has it whole.
const MAX_NAME_BYTES: usize = 256;

/// How many services are counted one by one. Each span is looked up among them under the store's lock,
/// and nobody reads a longer list.
const MAX_SERVICES: usize = 64;
/// What the services beyond these are counted under.
const OTHERS: &str = "(others)";

/// What a list shows of a trace.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The trace.
    pub trace_id: TraceId,
    /// The service of the root; while it is missing, that of the earliest span.
    pub root_service: Arc<str>,
    /// The name of the root, shortened; while it is missing, that of the earliest span.
    pub root_name: Box<str>,
    /// Whether the root has come.
    pub has_root: bool,
    /// When the first span began, in nanoseconds since the Unix epoch.
    pub start_unix_nanos: u64,
    /// When the last span ended.
    pub end_unix_nanos: u64,
    /// How many spans there are.
    pub spans: u64,
    /// How many of them have status Error.
    pub errors: u64,
    /// The services in order of appearance: the first 64, then `(others)` for all the rest.
    pub services: Vec<ServiceCount>,
    /// How many parents are pointed to and not there.
    pub missing_parents: usize,
    root_start: u64,
}

/// What one service contributes to a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCount {
    /// Its `service.name`.
    pub name: Arc<str>,
    /// How many spans it made.
    pub spans: u64,
    /// How many of them have status Error.
    pub errors: u64,
}

impl Summary {
    pub(super) fn new(trace_id: TraceId) -> Self {
        Self {
            trace_id,
            root_service: Arc::default(),
            root_name: Box::default(),
            has_root: false,
            start_unix_nanos: u64::MAX,
            end_unix_nanos: 0,
            spans: 0,
            errors: 0,
            services: Vec::new(),
            missing_parents: 0,
            root_start: u64::MAX,
        }
    }

    /// From the start of the first span to the end of the last one, in nanoseconds.
    pub fn duration_nanos(&self) -> u64 {
        self.end_unix_nanos.saturating_sub(self.start_unix_nanos)
    }

    pub(super) fn add<'s>(&mut self, head: &SpanHead, service: &Arc<str>, name: impl FnOnce() -> &'s str) {
        self.start_unix_nanos = self.start_unix_nanos.min(head.start_unix_nanos);
        self.end_unix_nanos = self.end_unix_nanos.max(head.end_unix_nanos);
        let error = u64::from(head.error);
        self.spans += 1;
        self.errors += error;
        let service_count = self.count_of(service);
        service_count.spans += 1;
        service_count.errors += error;
        let is_root = head.parent_span_id.is_none();
        let earlier = head.start_unix_nanos < self.root_start || self.spans == 1;
        if (is_root && !self.has_root) || (is_root == self.has_root && earlier) {
            self.has_root = is_root;
            self.root_start = head.start_unix_nanos;
            self.root_service = service.clone();
            let name = name();
            self.root_name = name[..name.floor_char_boundary(MAX_NAME_BYTES)].into();
        }
    }

    /// Where the spans of this service are counted.
    fn count_of(&mut self, service: &Arc<str>) -> &mut ServiceCount {
        let known = self.services.iter().take(MAX_SERVICES).position(|known| known.name == *service);
        let position = known.unwrap_or(self.services.len().min(MAX_SERVICES));
        if position == self.services.len() {
            let name = if position < MAX_SERVICES { service.clone() } else { OTHERS.into() };
            self.services.push(ServiceCount { name, spans: 0, errors: 0 });
        }
        &mut self.services[position]
    }

    /// Bytes beside the structure itself. A service's name belongs to its origin.
    pub(super) fn cost(&self) -> usize {
        self.root_name.len() + self.services.len() * SERVICE_BYTES
    }
}
