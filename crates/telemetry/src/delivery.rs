//! What became of the spans: counted, and said when it changes. No span is lost without a word.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

/// Spans that have ended, and how far they came.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    ended: AtomicU64,
    exported: AtomicU64,
    failed: AtomicU64,
    away: AtomicBool,
}

impl Delivery {
    pub(crate) fn exported(&self) -> u64 {
        self.exported.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// What is left when nothing is under way any longer: spans that found the queue full.
    fn dropped(&self) -> u64 {
        self.ended.load(Ordering::Relaxed).saturating_sub(self.exported() + self.failed())
    }

    fn note(&self, spans: usize, result: &OTelSdkResult) {
        let counter = if result.is_ok() { &self.exported } else { &self.failed };
        counter.fetch_add(spans as u64, Ordering::Relaxed);
        // Said once when it begins and once when it is over: a receiver that is away for an hour is one piece of news.
        match result {
            Err(reason) if !self.away.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%reason, spans, "spans cannot be delivered; they are lost until the receiver is back");
            }
            Ok(()) if self.away.swap(false, Ordering::Relaxed) => {
                tracing::info!(lost_spans = self.failed(), "spans are delivered again");
            }
            _ => {}
        }
    }

    /// The account at a process' end.
    pub(crate) fn report(&self) {
        let (exported, failed, dropped) = (self.exported(), self.failed(), self.dropped());
        if failed + dropped == 0 {
            tracing::info!(exported, "every span was delivered");
        } else {
            tracing::warn!(exported, failed, dropped, "not every span was delivered");
        }
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

/// A processor that counts the spans which it is to deliver.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) processor: BatchSpanProcessor,
    pub(crate) delivery: Arc<Delivery>,
}

impl SpanProcessor for Counted {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.processor.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.delivery.ended.fetch_add(1, Ordering::Relaxed);
        }
        self.processor.on_end(span);
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
