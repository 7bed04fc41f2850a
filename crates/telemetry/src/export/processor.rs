//! The SDK's spans as they end: encoded at once, by the thread that ends them.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::queue::Queue;
use super::span_data;

/// A scope, and what stands in front of its spans.
type Prefix = (InstrumentationScope, Arc<[u8]>);

/// Puts each sampled span into the queue.
#[derive(Debug)]
pub(crate) struct Encoding {
    queue: Arc<Queue>,
    value_length: Option<usize>,
    /// The crate's own scope, which nearly every span has.
    own: Prefix,
    others: RwLock<Vec<Prefix>>,
}

impl Encoding {
    pub(crate) fn new(queue: Arc<Queue>, value_length: Option<usize>, scope: InstrumentationScope) -> Self {
        let own = prefix(scope);
        Self { queue, value_length, own, others: RwLock::default() }
    }

    fn prefix(&self, scope: &InstrumentationScope) -> Arc<[u8]> {
        let known = |prefixes: &[Prefix]| {
            prefixes.iter().find(|(known, _)| known == scope).map(|(_, prefix)| Arc::clone(prefix))
        };
        if let Some(prefix) = known(&self.others.read().unwrap_or_else(PoisonError::into_inner)) {
            return prefix;
        }
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        known(&others).unwrap_or_else(|| {
            others.push(prefix(scope.clone()));
            others.last().map_or_else(|| Arc::clone(&self.own.1), |(_, prefix)| Arc::clone(prefix))
        })
    }
}

/// Whether two scopes are one. A clone has the same texts at the same places, and nothing has to be read for that.
fn is_same(a: &InstrumentationScope, b: &InstrumentationScope) -> bool {
    let place = |text: Option<&str>| text.map(|text| (text.as_ptr(), text.len()));
    let places =
        |scope: &InstrumentationScope| [place(Some(scope.name())), place(scope.version()), place(scope.schema_url())];
    let plain = |scope: &InstrumentationScope| scope.attributes().next().is_none();
    (places(a) == places(b) && plain(a) && plain(b)) || a == b
}

fn prefix(scope: InstrumentationScope) -> Prefix {
    let prefix = span_data::scope_prefix(&scope).into();
    (scope, prefix)
}

impl SpanProcessor for Encoding {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let write = |out: &mut Vec<u8>| span_data::append(out, &span, self.value_length);
        if is_same(&span.instrumentation_scope, &self.own.0) {
            self.queue.push(&self.own.1, write);
        } else {
            self.queue.push(&self.prefix(&span.instrumentation_scope), write);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        // The exporter is flushed by its owner, with all signals.
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
