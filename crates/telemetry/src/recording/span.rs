//! A span that is being recorded.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, SpanId, SpanKind, Status, TraceState};
use otlp::{encode, field};

use super::{Draft, Fields, Recorder};
use crate::clock::{self, Moment};
use crate::config::SpanLimits;

/// The flag that says that the remote flag is known, and the remote flag itself.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;
/// Bytes of the fields that every span has: ids, kind, times and flags.
const HEAD_BYTES: usize = 54;
/// Bytes of the field with the parent's id.
const PARENT_BYTES: usize = 10;
/// Both, with the tags and lengths that are the same in all spans.
const HEAD: [u8; HEAD_BYTES + PARENT_BYTES] = {
    let mut head = [0; HEAD_BYTES + PARENT_BYTES];
    (head[0], head[1]) = (1 << 3 | 2, 16);
    (head[18], head[19]) = (2 << 3 | 2, 8);
    head[28] = 6 << 3;
    head[30] = 7 << 3 | 1;
    head[39] = 8 << 3 | 1;
    // Field 16 has a tag of two bytes.
    (head[48], head[49]) = (0x80 | (16 << 3 | 5) as u8, 1);
    (head[54], head[55]) = (4 << 3 | 2, 8);
    head
};

/// A span that has begun. Dropped before its end, it ends then.
#[derive(Debug)]
pub struct Recording {
    /// Always there; what ends with the span takes it out.
    draft: Option<Box<Draft>>,
    pub(super) recorder: Arc<Recorder>,
}

/// What every span says of itself.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its ids.
    pub context: SpanContext,
    /// Invalid where it is the first of its trace.
    pub parent: SpanId,
    /// Whether the parent is another process's.
    pub parent_is_remote: bool,
    /// Its part in the conversation.
    pub kind: SpanKind,
    /// Its name.
    pub name: Cow<'static, str>,
    /// When it began.
    pub start_unix_nanos: u64,
    /// How it ends.
    pub status: Status,
}

impl Recording {
    pub(super) fn new(told: Told, recorder: Arc<Recorder>) -> Self {
        Self { draft: Some(Draft::of(told, &recorder.limits)), recorder }
    }

    #[inline]
    pub(crate) fn draft(&self) -> &Draft {
        self.draft.as_deref().unwrap_or_else(|| unreachable!("only its drop takes it"))
    }

    pub(super) fn limits(&self) -> SpanLimits {
        self.recorder.limits
    }

    /// What it has told, and the limits that hold for it.
    #[inline]
    pub(crate) fn open(&mut self) -> (&mut Draft, &SpanLimits) {
        let Self { draft, recorder } = self;
        (draft.as_deref_mut().unwrap_or_else(|| unreachable!("only its drop takes it")), &recorder.limits)
    }

    /// The same while it has not ended.
    fn unended(&mut self) -> Option<(&mut Draft, &SpanLimits)> {
        Some(self.open()).filter(|(draft, _)| !draft.ended)
    }

    /// Adds an attribute whose key the span has not got yet.
    #[inline(always)]
    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        let (draft, limits) = self.open();
        draft.fields.text(limits, key, text);
    }

    /// As [`Self::text`], with a number.
    #[inline(always)]
    pub(crate) fn number(&mut self, key: &'static str, number: u16) {
        let (draft, limits) = self.open();
        draft.fields.number(limits, key, number);
    }

    /// As [`Self::text`], with a number of seconds.
    #[inline(always)]
    pub(crate) fn seconds(&mut self, key: &'static str, seconds: f64) {
        let (draft, limits) = self.open();
        draft.fields.seconds(limits, key, seconds);
    }

    /// Ends it so long after its start. What is done to it later has no effect.
    pub(crate) fn end_after(&mut self, duration: Duration) {
        self.end(self.draft().told.start_unix_nanos + clock::nanos(duration));
    }

    /// Hands it to the exporter. What is done to it later has no effect.
    pub(crate) fn end(&mut self, end_unix_nanos: u64) {
        let Self { draft: Some(draft), recorder } = self else { return };
        if std::mem::replace(&mut draft.ended, true) {
            return;
        }
        let Draft { told, fields, .. } = &mut **draft;
        recorder.take(|out| told.append(fields, out, end_unix_nanos));
    }
}

impl Told {
    /// Appends the span with these fields as a member of `ScopeSpans`.
    pub(crate) fn append(&self, fields: &mut Fields, out: &mut Vec<u8>, end_unix_nanos: u64) {
        // What few spans have is asked for at once.
        if fields.dropped_any() || *self.context.trace_state() != TraceState::NONE || self.status != Status::Unset {
            self.close(fields);
        }
        let has_parent = self.parent != SpanId::INVALID;
        let (name, more) = (self.name.as_bytes(), fields.bytes());
        let name_bytes = 1 + field::varint_bytes(name.len() as u64) + name.len();
        let length = HEAD_BYTES + if has_parent { PARENT_BYTES } else { 0 } + name_bytes + more.len();
        // With a parent's place in any case: it is written, and then left out.
        out.reserve(1 + field::OPEN_LENGTH_BYTES + PARENT_BYTES + length);
        if let 0x80..0x4000 = length {
            // As nearly all are.
            out.extend_from_slice(&[2 << 3 | 2, length as u8 | 0x80, (length >> 7) as u8]);
        } else {
            out.push(2 << 3 | 2);
            field::varint(out, length as u64);
        }
        // Written where it stands: a copy of what has just been written in pieces would wait for them.
        out.extend_from_slice(&HEAD);
        if let Some(head) = out.last_chunk_mut() {
            self.fill(head, end_unix_nanos);
        }
        if !has_parent {
            out.truncate(out.len() - PARENT_BYTES);
        }
        field::bytes(out, 5, name);
        out.extend_from_slice(more);
    }

    /// Appends to the fields what few spans have.
    #[cold]
    #[inline(never)]
    fn close(&self, fields: &mut Fields) {
        fields.close(&trace_state(&self.context), |out| append_status(out, &self.status));
    }

    /// Fills in what is this span's own.
    #[inline(always)]
    fn fill(&self, head: &mut [u8; HEAD.len()], end_unix_nanos: u64) {
        head[2..18].copy_from_slice(&self.context.trace_id().to_bytes());
        head[20..28].copy_from_slice(&self.context.span_id().to_bytes());
        head[29] = kind(&self.kind).number() as u8;
        head[31..39].copy_from_slice(&self.start_unix_nanos.to_le_bytes());
        head[40..48].copy_from_slice(&end_unix_nanos.to_le_bytes());
        head[50..54].copy_from_slice(&flags(&self.context, self.parent_is_remote).to_le_bytes());
        head[56..].copy_from_slice(&self.parent.to_bytes());
    }
}

impl Span for Recording {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some((draft, limits)) = self.unended() {
            draft.fields.event(limits, &name.into(), unix_nanos(timestamp), &attributes);
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.draft().told.context
    }

    fn is_recording(&self) -> bool {
        !self.draft().ended
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some((draft, limits)) = self.unended() {
            draft.fields.set(limits, &attribute);
        }
    }

    /// Of several the greatest counts: Ok is more than an error, which is more than nothing.
    fn set_status(&mut self, status: Status) {
        let (Draft { told, .. }, _) = self.open();
        if status > told.status {
            told.status = status;
        }
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        self.open().0.told.name = name.into();
    }

    fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        if let Some((draft, limits)) = self.unended() {
            draft.fields.link(limits, &to, &attributes);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.end(unix_nanos(timestamp));
    }
}

impl Drop for Recording {
    #[inline]
    fn drop(&mut self) {
        if self.is_recording() {
            // By the clock of its start, and never before it.
            self.end(Moment::now().unix_nanos().max(self.draft().told.start_unix_nanos));
        }
        if let Some(draft) = self.draft.take() {
            draft.forget();
        }
    }
}

fn append_status(out: &mut Vec<u8>, status: &Status) {
    let (code, message) = match status {
        Status::Unset => return,
        Status::Ok => (otlp::StatusCode::Ok, ""),
        Status::Error { description } => (otlp::StatusCode::Error, description.as_ref()),
    };
    encode::append_status(out, code, message);
}

/// Empty for nearly every span; the text is made only where there is one.
pub(super) fn trace_state(context: &SpanContext) -> String {
    let state = context.trace_state();
    if *state == TraceState::NONE { String::new() } else { state.header() }
}

pub(super) fn flags(context: &SpanContext, remote: bool) -> u32 {
    u32::from(context.trace_flags().to_u8()) | HAS_IS_REMOTE | if remote { IS_REMOTE } else { 0 }
}

fn kind(kind: &SpanKind) -> otlp::SpanKind {
    match kind {
        SpanKind::Client => otlp::SpanKind::Client,
        SpanKind::Server => otlp::SpanKind::Server,
        SpanKind::Producer => otlp::SpanKind::Producer,
        SpanKind::Consumer => otlp::SpanKind::Consumer,
        SpanKind::Internal => otlp::SpanKind::Internal,
    }
}

pub(crate) fn unix_nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
