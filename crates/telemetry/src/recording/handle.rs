//! A span that several owners share: a request's middleware, and the `Context` of what runs inside.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, Status};

use super::Recording;

/// A shared span. It ends once, with whoever ends it first, or with its last owner.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The ids, to be read without the lock.
    context: SpanContext,
    recording: Mutex<Recording>,
}

impl Handle {
    pub(crate) fn new(recording: Recording) -> Self {
        let context = recording.span_context().clone();
        Self(Arc::new(Shared { context, recording: Mutex::new(recording) }))
    }

    /// The span, for as long as the guard is kept.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Recording> {
        // What a panic left behind is whole: a field is either there or not.
        self.0.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Span for Handle {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        self.lock().add_event_with_timestamp(name, timestamp, attributes);
    }

    fn span_context(&self) -> &SpanContext {
        &self.0.context
    }

    fn is_recording(&self) -> bool {
        self.lock().is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.lock().set_attribute(attribute);
    }

    fn set_status(&mut self, status: Status) {
        self.lock().set_status(status);
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        self.lock().update_name(name);
    }

    fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        self.lock().add_link(to, attributes);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.lock().end_with_timestamp(timestamp);
    }
}
