//! The ledger as `/metrics` has it, and the equation that it has to satisfy at every look.

use std::collections::BTreeMap;

use telemetry::Telemetry;
use testkit::openmetrics::Exposition;

/// One look at what became of spans.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    pub started: u64,
    pub unsampled: u64,
    pub live: u64,
    pub exported: u64,
    /// By `error_type`; those that are zero are left out.
    pub failed: BTreeMap<String, u64>,
    pub dropped: u64,
    pub late: u64,
    pub waiting: u64,
    pub capacity: u64,
    pub inflight: u64,
    pub submitted: u64,
}

impl Ledger {
    /// Looks, and checks the equation.
    pub fn of(telemetry: &Telemetry) -> Self {
        let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
        let sum = |name: &str, labels: &[(&str, &str)]| metrics.sum(name, labels) as u64;
        let by_error = |name: &str| {
            let samples = metrics.0.iter().filter(move |sample| sample.name == name);
            samples
                .map(|sample| (sample.labels.get("error_type").cloned(), sample.value as u64))
                .collect::<BTreeMap<_, _>>()
        };
        let mut exports = by_error("otel_sdk_exporter_span_exported_total");
        let processed = by_error("otel_sdk_processor_span_processed_total");
        let processed = |error_type: Option<&str>| processed[&error_type.map(str::to_owned)];
        let started = "otel_sdk_span_started_total";
        let exported = exports.remove(&None).expect("a count of those that were exported");
        let failed =
            exports.into_iter().filter_map(|(error, count)| Some((error?, count))).filter(|(_, count)| *count > 0);
        let ledger = Self {
            started: sum(started, &[("otel_span_sampling_result", "RECORD_AND_SAMPLE")]),
            unsampled: sum(started, &[("otel_span_sampling_result", "DROP")]),
            live: sum("otel_sdk_span_live", &[]),
            exported,
            failed: failed.collect(),
            dropped: processed(Some("queue_full")),
            late: processed(Some("shutdown")),
            waiting: sum("otel_sdk_processor_span_queue_size", &[]),
            capacity: sum("otel_sdk_processor_span_queue_capacity", &[]),
            inflight: sum("otel_sdk_exporter_span_inflight", &[]),
            submitted: processed(None),
        };
        ledger.check();
        ledger
    }

    /// All that an export has given up.
    pub fn all_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// All that ended and is not waiting any longer.
    pub fn settled(&self) -> u64 {
        self.exported + self.all_failed() + self.dropped + self.late
    }

    fn check(&self) {
        assert_eq!(self.started, self.live + self.settled() + self.waiting, "what began is here or gone: {self:?}");
        assert_eq!(self.submitted, self.exported + self.all_failed() + self.inflight, "{self:?}");
        assert!(self.inflight <= self.waiting && self.waiting <= self.capacity, "{self:?}");
    }

    /// What it has to be when everything is over, and what of it was not exported, by `error_type`.
    pub fn over(spans: u64, failed: &[(&str, u64)]) -> Self {
        let failed: BTreeMap<_, _> = failed.iter().map(|(error, count)| ((*error).to_owned(), *count)).collect();
        let exported = spans - failed.values().sum::<u64>();
        Self { started: spans, submitted: spans, exported, failed, capacity: 16_384, ..Self::default() }
    }
}
