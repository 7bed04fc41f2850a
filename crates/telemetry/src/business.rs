//! Spans, attributes and events of a service's own.
//!
//! ```
//! # async fn example() {
//! let total = telemetry::in_span("price items", async {
//!     telemetry::set_attribute("order.item_count", 2);
//!     telemetry::event("item priced", [telemetry::KeyValue::new("item.sku", "book")]);
//!     79.80
//! })
//! .await;
//! # }
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{FutureExt, SpanKind, SpanRef, TraceContextExt};
use opentelemetry::{Context, Key, KeyValue, Value};

use crate::active;
use crate::clock::Moment;
use crate::pipeline::Telemetry;
use crate::recording::{Handle, Recorder, Start};

/// Runs `work` inside an INTERNAL span that is a child of the current one. Outside of a request, or with telemetry
/// disabled, it just runs it.
pub async fn in_span<T>(name: impl Into<Cow<'static, str>>, work: impl Future<Output = T>) -> T {
    let Some(telemetry) = active::telemetry() else { return work.await };
    let Some(recorder) = telemetry.recorder() else { return work.await };
    let parent = Context::current();
    if let Some(remote) = left_out(&parent).filter(|remote| !remote || recorder.follows_callers()) {
        telemetry.left_out(remote);
        return work.await;
    }
    work.with_context(inside(recorder, &parent, name.into())).await
}

/// The context of what runs in an INTERNAL span.
fn inside(recorder: &Arc<Recorder>, parent: &Context, name: Cow<'static, str>) -> Context {
    match recorder.begin(parent, name, SpanKind::Internal, || Moment::now().unix_nanos()) {
        Start::Recorded(span) => parent.with_span(Handle::new(span)),
        Start::LeftOut(ids) => parent.with_remote_span_context(ids),
    }
}

/// Whether the context's trace is not recorded, and if so, whether its span is somebody else's.
pub(crate) fn left_out(context: &Context) -> Option<bool> {
    let span = context.span();
    let span = span.span_context();
    (span.is_valid() && !span.is_sampled()).then(|| span.is_remote())
}

/// Runs `work` inside an INTERNAL span that begins a trace of its own, for work that no request has asked for, such as a
/// job at night. With telemetry disabled it just runs it.
pub async fn in_root_span<T>(
    telemetry: &Telemetry,
    name: impl Into<Cow<'static, str>>,
    work: impl Future<Output = T>,
) -> T {
    let Some(recorder) = telemetry.recorder() else { return work.await };
    let nowhere = Context::new().with_value(telemetry.clone());
    work.with_context(inside(recorder, &nowhere, name.into())).await
}

/// Whether it is worth while to tell the span something. One that is sampled, as all are that this crate records, is not asked,
/// which would take its locks once more: it ignores what comes in vain, as one that has ended does, or goes nowhere.
fn may_record(span: &SpanRef<'_>) -> bool {
    span.span_context().is_sampled() || span.is_recording()
}

/// Sets an attribute of the current span. One whose key says that it names a person or is a secret, such as `user.email` or
/// `access_token`, is left out unless `TELEMETRY_PII=plain`; under any other key that is for [`set_personal_attribute`].
pub fn set_attribute(key: impl Into<Key>, value: impl Into<Value>) {
    Context::map_current(|context| {
        let span = context.span();
        if may_record(&span) {
            span.set_attribute(KeyValue::new(key, value));
        }
    });
}

/// Sets an attribute of the current span that says who somebody is (a name, an email address): only where
/// `TELEMETRY_PII=plain` allows it, whatever its key is. No metric has a place for such data.
pub fn set_personal_attribute(key: impl Into<Key>, value: impl Into<Value>) {
    if active::telemetry().is_some_and(|telemetry| telemetry.personal_data()) {
        set_attribute(key, value);
    }
}

/// Adds an event to the current span, with the attributes that [`set_attribute`] would set.
pub fn event(name: impl Into<Cow<'static, str>>, attributes: impl IntoIterator<Item = KeyValue>) {
    Context::map_current(|context| {
        let span = context.span();
        if may_record(&span) {
            span.add_event(name, attributes.into_iter().collect());
        }
    });
}
