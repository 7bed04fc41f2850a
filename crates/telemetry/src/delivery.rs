//! What became of the spans: counted, and said when it changes. No span is lost without a word.
//!
//! At any moment `ended = exported + rejected + failed + dropped + waiting`, where a span waits from its end until the
//! receiver has answered for it.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

use crate::metrics::{Observe, Snapshot, sdk};

/// Sampled spans that have ended, and how far they came.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    /// The receiver took them.
    exported: AtomicU64,
    /// The receiver took their batch, and not them.
    rejected: AtomicU64,
    /// Their batch could not be handed over.
    failed: AtomicU64,
    /// They found the queue full.
    dropped: AtomicU64,
    /// In the queue, or under way.
    waiting: AtomicU64,
    /// Rejected out of the batch that is under way: exports come one after another.
    rejected_now: AtomicU64,
    /// What the receiver did not take before it was away.
    failed_before: AtomicU64,
    away: AtomicBool,
    full: AtomicBool,
}

/// One consistent look at a [`Delivery`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) exported: u64,
    pub(crate) rejected: u64,
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
    pub(crate) waiting: u64,
}

impl Delivery {
    pub(crate) fn account(&self) -> Account {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Account {
            exported: read(&self.exported),
            rejected: read(&self.rejected),
            failed: read(&self.failed),
            dropped: read(&self.dropped),
            waiting: read(&self.waiting),
        }
    }

    /// Whether there is room for one more span; counts it either way.
    fn admit(&self, room: u64) -> bool {
        let admitted = self
            .waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| (waiting < room).then_some(waiting + 1));
        if admitted.is_ok() {
            return true;
        }
        self.dropped.fetch_add(1, Ordering::Relaxed);
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!(room, "the queue of spans is full; spans are dropped until there is room");
        }
        false
    }

    /// The receiver took a batch, but for these spans.
    pub(crate) fn reject(&self, spans: u64, reason: &str) {
        if spans > 0 {
            self.rejected_now.fetch_add(spans, Ordering::Relaxed);
            tracing::warn!(spans, reason, "the receiver rejected spans");
        }
    }

    fn note(&self, spans: usize, result: &OTelSdkResult) {
        let spans = spans as u64;
        let rejected = self.rejected_now.swap(0, Ordering::Relaxed).min(spans);
        match result {
            Ok(()) => {
                self.rejected.fetch_add(rejected, Ordering::Relaxed);
                self.exported.fetch_add(spans - rejected, Ordering::Relaxed);
            }
            Err(_) => {
                self.failed.fetch_add(spans, Ordering::Relaxed);
            }
        }
        self.waiting.fetch_sub(spans, Ordering::AcqRel);
        self.full.store(false, Ordering::Relaxed);
        // Said once when it begins and once when it is over: a receiver that is away for an hour is one piece of news.
        let failed = self.failed.load(Ordering::Relaxed);
        match result {
            Err(reason) if !self.away.swap(true, Ordering::Relaxed) => {
                self.failed_before.store(failed - spans, Ordering::Relaxed);
                tracing::warn!(%reason, spans, "spans cannot be delivered; they are lost until the receiver is back");
            }
            Ok(()) if self.away.swap(false, Ordering::Relaxed) => {
                let lost_spans = failed - self.failed_before.load(Ordering::Relaxed);
                tracing::info!(lost_spans, "spans are delivered again");
            }
            _ => {}
        }
    }

    /// The account at a process' end.
    pub(crate) fn report(&self) {
        let Account { exported, rejected, failed, dropped, waiting } = self.account();
        if rejected + failed + dropped + waiting == 0 {
            tracing::info!(exported, "every span was delivered");
        } else {
            tracing::warn!(exported, rejected, failed, dropped, given_up = waiting, "not every span was delivered");
        }
    }
}

/// Names of the OpenTelemetry SDK metrics convention.
impl Observe for Delivery {
    fn observe(&self, snapshot: &mut Snapshot) {
        let account = self.account();
        snapshot.number(&sdk::SPANS_EXPORTED, [], account.exported);
        snapshot.number(&sdk::SPANS_EXPORTED, [("error.type", "_OTHER".into())], account.failed);
        snapshot.number(&sdk::SPANS_EXPORTED, [("error.type", "rejected".into())], account.rejected);
        snapshot.number(&sdk::SPANS_PROCESSED, [("error.type", "queue_full".into())], account.dropped);
        snapshot.number(&sdk::SPAN_QUEUE_SIZE, [], account.waiting);
    }
}

/// An exporter whose results are noted.
#[derive(Debug)]
pub(crate) struct Noted<E> {
    pub(crate) exporter: E,
    pub(crate) delivery: Arc<Delivery>,
}

impl<E: SpanExporter> SpanExporter for Noted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.exporter.export(batch).await;
        self.delivery.note(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// A processor that takes no more spans than there is room for, and counts all.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) processor: BatchSpanProcessor,
    pub(crate) delivery: Arc<Delivery>,
    /// Spans in the queue and under way: as many as the processor's own queue holds, which therefore never overflows.
    pub(crate) room: u64,
}

impl SpanProcessor for Counted {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.processor.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.delivery.admit(self.room) {
            self.processor.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.processor.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.processor.set_resource(resource);
    }
}
