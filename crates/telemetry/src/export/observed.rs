//! The ledger as metrics, by the names of the OpenTelemetry SDK-metrics convention.

use super::Signal;
use super::ledger::{ALWAYS, Account, CORRUPT, Ledger, Outcomes, REJECTED, Spans, Spooled, UNREADABLE};
use crate::metrics::{Descriptor, Observe, Snapshot, sdk};
use crate::sampling::ORIGINS;

/// The metrics of one kind of record.
struct Names {
    queue_size: &'static Descriptor,
    queue_capacity: &'static Descriptor,
    processed: &'static Descriptor,
    inflight: &'static Descriptor,
    exported: &'static Descriptor,
}

const SPANS: Names = Names {
    queue_size: &sdk::SPAN_QUEUE_SIZE,
    queue_capacity: &sdk::SPAN_QUEUE_CAPACITY,
    processed: &sdk::SPANS_PROCESSED,
    inflight: &sdk::SPANS_INFLIGHT,
    exported: &sdk::SPANS_EXPORTED,
};
const LOGS: Names = Names {
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
        account(&SPANS, &spans.account, snapshot);
        let logs = self.logs();
        snapshot.number(&sdk::LOGS_CREATED, [], logs.ended);
        account(&LOGS, &logs, snapshot);
        let points = self.points();
        snapshot.number(&sdk::POINTS_INFLIGHT, [], points.under_way());
        outcomes(&sdk::POINTS_EXPORTED, &points, snapshot);
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

fn account(names: &Names, account: &Account, snapshot: &mut Snapshot) {
    snapshot.number(names.queue_size, [], account.waiting());
    snapshot.number(names.queue_capacity, [], account.capacity);
    snapshot.number(names.processed, [], account.outcomes.submitted);
    snapshot.number(names.processed, [("error.type", "queue_full".into())], account.dropped);
    snapshot.number(names.processed, [("error.type", "shutdown".into())], account.late);
    snapshot.number(names.inflight, [], account.outcomes.under_way());
    outcomes(names.exported, &account.outcomes, snapshot);
}

fn outcomes(exported: &'static Descriptor, outcomes: &Outcomes, snapshot: &mut Snapshot) {
    snapshot.number(exported, [], outcomes.exported);
    for error_type in ALWAYS {
        // Added up with what has really happened, where something has.
        snapshot.number(exported, [("error.type", error_type.into())], 0);
    }
    for (error_type, records) in &outcomes.failed {
        snapshot.number(exported, [("error.type", error_type.clone().into())], *records);
    }
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
