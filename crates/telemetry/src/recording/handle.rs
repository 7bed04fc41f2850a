//! A span that several owners share: a request's middleware, and the `Context` of what runs inside.
//!
//! What a program says of a span comes through here, by this crate's functions or the OpenTelemetry API, and is held against
//! the table of private keys. The middlewares' own attributes do not: their keys are known.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, Status};

use super::Recording;
use crate::privacy::is_private;

/// A shared span. It ends once, with whoever ends it first, or with its last owner.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The ids, to be read without the lock.
    context: SpanContext,
    /// Whether private keys are recorded.
    personal_data: bool,
    recording: Mutex<Recording>,
}

impl Handle {
    pub(crate) fn new(recording: Recording) -> Self {
        let (context, personal_data) = (recording.span_context().clone(), recording.recorder.personal_data);
        Self(Arc::new(Shared { context, personal_data, recording: Mutex::new(recording) }))
    }

    /// The span, for as long as the guard is kept.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Recording> {
        // What a panic left behind is whole: a field is either there or not.
        self.0.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admits(&self, attribute: &KeyValue) -> bool {
        self.0.personal_data || !is_private(attribute.key.as_str())
    }
}

impl Span for Handle {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, mut attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        attributes.retain(|attribute| self.admits(attribute));
        self.lock().add_event_with_timestamp(name, timestamp, attributes);
    }

    fn span_context(&self) -> &SpanContext {
        &self.0.context
    }

    fn is_recording(&self) -> bool {
        self.lock().is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if self.admits(&attribute) {
            self.lock().set_attribute(attribute);
        }
    }

    fn set_status(&mut self, status: Status) {
        self.lock().set_status(status);
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        self.lock().update_name(name);
    }

    fn add_link(&mut self, to: SpanContext, mut attributes: Vec<KeyValue>) {
        attributes.retain(|attribute| self.admits(attribute));
        self.lock().add_link(to, attributes);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.lock().end_with_timestamp(timestamp);
    }
}
