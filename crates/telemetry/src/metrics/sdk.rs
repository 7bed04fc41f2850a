//! Metrics of the export itself: what became of each span, log record and point.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "OpenTelemetry SDK metrics". They know no disk: what is said of it has names
//! of its own.

use super::attributes::Attributes;
use super::descriptor::{Descriptor, HTTP_BOUNDARIES, Instrument};

macro_rules! descriptors {
    ($($(#[$meta:meta])* $identifier:ident = $instrument:expr, $name:literal, $unit:literal, $description:literal;)*) => {
        $($(#[$meta])* pub(crate) static $identifier: Descriptor =
            Descriptor { name: $name, unit: $unit, description: $description, instrument: $instrument };)*
        /// All of them.
        #[cfg(test)]
        pub(super) static ALL: &[&Descriptor] = &[$(&$identifier),*];
    };
}

descriptors! {
    SPANS_STARTED = Instrument::Counter, "otel.sdk.span.started", "{span}",
        "Spans that were begun, sampled or not.";
    SPANS_LIVE = Instrument::UpDownCounter, "otel.sdk.span.live", "{span}",
        "Recording spans that have not ended yet.";
    SPAN_QUEUE_SIZE = Instrument::UpDownCounter, "otel.sdk.processor.span.queue.size", "{span}",
        "Spans that wait for their export, or are under way.";
    SPAN_QUEUE_CAPACITY = Instrument::UpDownCounter, "otel.sdk.processor.span.queue.capacity", "{span}",
        "Spans that may wait.";
    SPANS_PROCESSED = Instrument::Counter, "otel.sdk.processor.span.processed", "{span}",
        "Spans that have left the queue; those with error_type were given up before an export.";
    SPANS_INFLIGHT = Instrument::UpDownCounter, "otel.sdk.exporter.span.inflight", "{span}",
        "Spans that are under way.";
    SPANS_EXPORTED = Instrument::Counter, "otel.sdk.exporter.span.exported", "{span}",
        "Spans that an export has answered for; those with error_type the receiver did not take.";
    LOGS_CREATED = Instrument::Counter, "otel.sdk.log.created", "{log_record}",
        "Log records that were made for the export.";
    LOG_QUEUE_SIZE = Instrument::UpDownCounter, "otel.sdk.processor.log.queue.size", "{log_record}",
        "Log records that wait for their export, or are under way.";
    LOG_QUEUE_CAPACITY = Instrument::UpDownCounter, "otel.sdk.processor.log.queue.capacity", "{log_record}",
        "Log records that may wait.";
    LOGS_PROCESSED = Instrument::Counter, "otel.sdk.processor.log.processed", "{log_record}",
        "Log records that have left the queue; those with error_type were given up before an export.";
    LOGS_INFLIGHT = Instrument::UpDownCounter, "otel.sdk.exporter.log.inflight", "{log_record}",
        "Log records that are under way.";
    LOGS_EXPORTED = Instrument::Counter, "otel.sdk.exporter.log.exported", "{log_record}",
        "Log records that an export has answered for; those with error_type the receiver did not take.";
    POINTS_INFLIGHT = Instrument::UpDownCounter, "otel.sdk.exporter.metric_data_point.inflight", "{data_point}",
        "Points of metrics that are under way.";
    POINTS_EXPORTED = Instrument::Counter, "otel.sdk.exporter.metric_data_point.exported", "{data_point}",
        "Points of metrics that an export has answered for; those with error_type the receiver did not take.";
    SPOOL_RECORDS = Instrument::UpDownCounter, "telemetry.spool.records", "{record}",
        "Records on the disk that no receiver has answered for.";
    SPOOL_BYTES = Instrument::UpDownCounter, "telemetry.spool.size", "By",
        "Bytes that the spool takes on the disk.";
    SPOOL_CAPACITY = Instrument::UpDownCounter, "telemetry.spool.capacity", "By",
        "Bytes that the spool may take on the disk.";
    SPOOL_WRITTEN = Instrument::Counter, "telemetry.spool.written", "{record}",
        "Records that this process has put on the disk, as they could not be delivered.";
    SPOOL_FOUND = Instrument::Counter, "telemetry.spool.found", "{record}",
        "Records that earlier processes had left on the disk.";
    SPOOL_DELIVERED = Instrument::Counter, "telemetry.spool.delivered", "{record}",
        "Records of the disk that the receiver took.";
    SPOOL_LOST = Instrument::Counter, "telemetry.spool.lost", "{record}",
        "Records of the disk that the receiver refused, or that cannot be read any more.";
    EXPORTS = Instrument::Histogram(HTTP_BOUNDARIES), "otel.sdk.exporter.operation.duration", "s",
        "Duration of exports, from a batch's first try until it was taken or given up.";
}

/// What tells a component of this type (`otel.component.type`) from others. A pipeline has one of each type, so that the number
/// in its name is always 0.
pub(crate) fn component(kind: &'static str) -> Attributes {
    Attributes::from([("otel.component.name", format!("{kind}/0").into()), ("otel.component.type", kind.into())])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_those_of_the_convention_in_text_as_well() {
        assert_eq!(SPANS_STARTED.family(), "otel_sdk_span_started");
        assert_eq!(SPAN_QUEUE_SIZE.family(), "otel_sdk_processor_span_queue_size");
        let families: BTreeSet<_> = ALL.iter().map(|descriptor| descriptor.family()).collect();
        assert_eq!(families.len(), ALL.len(), "two metrics have one name");
    }
}
