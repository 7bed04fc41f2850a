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
    /// What is on the disk, where something may be.
    pub spool: Option<Spool>,
}

/// One look at the spans on the disk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spool {
    pub records: u64,
    pub bytes: u64,
    pub written: u64,
    pub found: u64,
    pub delivered: u64,
    /// By `error_type`; those that are zero are left out.
    pub lost: BTreeMap<String, u64>,
}

impl Spool {
    fn of(metrics: &Exposition) -> Option<Self> {
        let spans = [("signal", "traces")];
        let of = |name: &str| {
            let name = format!("telemetry_spool_{name}");
            metrics.0.iter().any(|sample| sample.name == name).then(|| metrics.sum(&name, &spans) as u64)
        };
        let lost = metrics.0.iter().filter(|sample| sample.name == "telemetry_spool_lost_total" && sample.value > 0.0);
        let lost = lost.filter(|sample| sample.labels["signal"] == "traces");
        let spool = Self {
            records: of("records")?,
            bytes: of("size_bytes").expect("its size"),
            written: of("written_total").expect("a count"),
            found: of("found_total").expect("a count"),
            delivered: of("delivered_total").expect("a count"),
            lost: lost.map(|sample| (sample.labels["error_type"].clone(), sample.value as u64)).collect(),
        };
        assert!(spool.bytes <= of("capacity_bytes").expect("a bound"), "{spool:?}");
        let gone = spool.delivered + spool.lost.values().sum::<u64>();
        assert_eq!(spool.written + spool.found, gone + spool.records, "{spool:?}");
        Some(spool)
    }
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
            spool: Spool::of(&metrics),
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

    /// Spans that this process has put on the disk.
    pub fn spooled(&self) -> u64 {
        self.spool.as_ref().map_or(0, |spool| spool.written)
    }

    fn check(&self) {
        let gone = self.settled() + self.spooled();
        assert_eq!(self.started, self.live + gone + self.waiting, "what began is here or gone: {self:?}");
        assert_eq!(self.submitted, self.exported + self.all_failed() + self.spooled() + self.inflight, "{self:?}");
        assert!(self.inflight <= self.waiting && self.waiting <= self.capacity, "{self:?}");
    }

    /// What it has to be when everything is over, and what of it was not exported, by `error_type`.
    pub fn over(spans: u64, failed: &[(&str, u64)]) -> Self {
        let failed: BTreeMap<_, _> = failed.iter().map(|(error, count)| ((*error).to_owned(), *count)).collect();
        let exported = spans - failed.values().sum::<u64>();
        Self { started: spans, submitted: spans, exported, failed, capacity: 16_384, ..Self::default() }
    }
}
