//! The ledger as metrics, by the names of the OpenTelemetry SDK-metrics convention.

use super::Signal;
use super::ledger::{
    ALWAYS, Account, CORRUPT, ErrorType, Ledger, Outcomes, REJECTED, SHUTDOWN, Spans, Spooled, UNREADABLE,
};
use crate::config::Config;
use crate::metrics::{Attributes, Descriptor, Observe, Snapshot, sdk};
use crate::sampling::ORIGINS;

/// `otel.component.type` of what exports each signal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exporters {
    spans: &'static str,
    logs: &'static str,
    points: &'static str,
}

impl Exporters {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            spans: Signal::Traces.component(&config.traces),
            logs: Signal::Logs.component(&config.logs),
            points: Signal::Metrics.component(&config.metrics),
        }
    }
}

/// The metrics of one kind of record, and the component that it waits in.
struct Names {
    processor: &'static str,
    queue_size: &'static Descriptor,
    queue_capacity: &'static Descriptor,
    processed: &'static Descriptor,
    inflight: &'static Descriptor,
    exported: &'static Descriptor,
}

const SPANS: Names = Names {
    processor: "batching_span_processor",
    queue_size: &sdk::SPAN_QUEUE_SIZE,
    queue_capacity: &sdk::SPAN_QUEUE_CAPACITY,
    processed: &sdk::SPANS_PROCESSED,
    inflight: &sdk::SPANS_INFLIGHT,
    exported: &sdk::SPANS_EXPORTED,
};
const LOGS: Names = Names {
    processor: "batching_log_processor",
    queue_size: &sdk::LOG_QUEUE_SIZE,
    queue_capacity: &sdk::LOG_QUEUE_CAPACITY,
    processed: &sdk::LOGS_PROCESSED,
    inflight: &sdk::LOGS_INFLIGHT,
    exported: &sdk::LOGS_EXPORTED,
};

impl Observe for Ledger {
    fn observe(&self, snapshot: &mut Snapshot) {
        let spans = self.spans();
        begun(&spans, snapshot);
        account(&SPANS, self.exporters.spans, &spans.account, snapshot);
        let logs = self.logs();
        snapshot.number(&sdk::LOGS_CREATED, [], logs.ended);
        account(&LOGS, self.exporters.logs, &logs, snapshot);
        let points = self.points();
        snapshot.number(&sdk::POINTS_INFLIGHT, sdk::component(self.exporters.points), points.under_way());
        outcomes(&sdk::POINTS_EXPORTED, self.exporters.points, &points, snapshot);
        if let Some(capacity) = self.spool_bytes {
            for (signal, outcomes) in [(Signal::Traces, &spans.account.outcomes), (Signal::Logs, &logs.outcomes)] {
                spool(signal, &outcomes.spool, capacity, snapshot);
            }
        }
    }
}

fn begun(spans: &Spans, snapshot: &mut Snapshot) {
    for (origin, counts) in ORIGINS.into_iter().zip(spans.begun) {
        for (result, count) in ["DROP", "RECORD_AND_SAMPLE"].into_iter().zip(counts) {
            let attributes = [("otel.span.parent.origin", origin.into()), ("otel.span.sampling_result", result.into())];
            snapshot.number(&sdk::SPANS_STARTED, attributes, count);
        }
    }
    snapshot.number(&sdk::SPANS_LIVE, [("otel.span.sampling_result", "RECORD_AND_SAMPLE".into())], spans.live());
}

fn account(names: &Names, exporter: &'static str, account: &Account, snapshot: &mut Snapshot) {
    let processor = || sdk::component(names.processor);
    snapshot.number(names.queue_size, processor(), account.waiting());
    snapshot.number(names.queue_capacity, processor(), account.capacity);
    snapshot.number(names.processed, processor(), account.outcomes.submitted);
    snapshot.number(names.processed, given_up(names.processor, "queue_full".into()), account.dropped);
    snapshot.number(names.processed, given_up(names.processor, SHUTDOWN), account.late);
    snapshot.number(names.inflight, sdk::component(exporter), account.outcomes.under_way());
    outcomes(names.exported, exporter, &account.outcomes, snapshot);
}

fn outcomes(exported: &'static Descriptor, exporter: &'static str, outcomes: &Outcomes, snapshot: &mut Snapshot) {
    snapshot.number(exported, sdk::component(exporter), outcomes.exported);
    for error_type in ALWAYS {
        // Added up with what has really happened, where something has.
        snapshot.number(exported, given_up(exporter, error_type), 0);
    }
    for (error_type, records) in &outcomes.failed {
        snapshot.number(exported, given_up(exporter, error_type.clone()), *records);
    }
}

/// What a component has given up for this reason.
fn given_up(component: &'static str, error_type: ErrorType) -> Attributes {
    let mut attributes = sdk::component(component);
    attributes.add("error.type", error_type);
    attributes
}

fn spool(signal: Signal, spooled: &Spooled, capacity: u64, snapshot: &mut Snapshot) {
    let signal = || ("signal", signal.name().into());
    snapshot.number(&sdk::SPOOL_RECORDS, [signal()], spooled.on_disk());
    snapshot.number(&sdk::SPOOL_BYTES, [signal()], spooled.bytes);
    snapshot.number(&sdk::SPOOL_CAPACITY, [signal()], capacity);
    snapshot.number(&sdk::SPOOL_WRITTEN, [signal()], spooled.written);
    snapshot.number(&sdk::SPOOL_FOUND, [signal()], spooled.found);
    snapshot.number(&sdk::SPOOL_DELIVERED, [signal()], spooled.delivered);
    for error_type in [CORRUPT, REJECTED, UNREADABLE] {
        snapshot.number(&sdk::SPOOL_LOST, [signal(), ("error.type", error_type.into())], 0);
    }
    for (error_type, records) in &spooled.lost {
        snapshot.number(&sdk::SPOOL_LOST, [signal(), ("error.type", error_type.clone().into())], *records);
    }
}
