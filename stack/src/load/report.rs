//! What came back: percentiles, errors by kind, the slowest trace.

use super::send::Sample;
use crate::failure::Failure;
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Beyond every limit in the chain; slower answers count as this.
const SLOWEST_MICROS: u64 = 60_000_000;
/// Three digits: 0.1 % of any value.
const DIGITS: u8 = 3;
/// What people ask for, and the tail that averages hide.
const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 100.0];

/// The result of a load.
pub struct Report {
    latencies: Histogram<u64>,
    errors: BTreeMap<String, u64>,
    slowest: Option<(Duration, String)>,
    begun: Instant,
    took: Duration,
    held_back: u64,
}

impl Report {
    /// Begins now.
    pub(super) fn begin() -> Result<Self, Failure> {
        let latencies = Histogram::new_with_bounds(1, SLOWEST_MICROS, DIGITS);
        let latencies = latencies.map_err(|error| Failure::failed(format!("histogram: {error}")))?;
        let begun = Instant::now();
        Ok(Self { latencies, errors: BTreeMap::new(), slowest: None, begun, took: Duration::ZERO, held_back: 0 })
    }

    pub(super) fn add(&mut self, sample: Sample) {
        let micros = u64::try_from(sample.latency.as_micros()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(micros.max(1));
        if let Err(kind) = sample.outcome {
            *self.errors.entry(kind).or_default() += 1;
        }
        if let Some(trace) = sample.trace
            && self.slowest.as_ref().is_none_or(|(latency, _)| *latency < sample.latency)
        {
            self.slowest = Some((sample.latency, trace.id.to_string()));
        }
    }

    pub(super) fn end(&mut self, held_back: u64) {
        self.took = self.begun.elapsed();
        self.held_back = held_back;
    }

    /// Requests sent.
    pub fn sent(&self) -> u64 {
        self.latencies.len()
    }

    /// Requests that failed.
    pub fn errors(&self) -> u64 {
        self.errors.values().sum()
    }

    /// The slowest request that has a trace.
    pub fn slowest(&self) -> Option<(Duration, &str)> {
        self.slowest.as_ref().map(|(latency, id)| (*latency, id.as_str()))
    }

    /// For people.
    pub fn text(&self) -> String {
        let seconds = self.took.as_secs_f64();
        let rate = self.sent() as f64 / seconds.max(f64::MIN_POSITIVE);
        let mut text = format!("{} requests in {seconds:.1} s ({rate:.1}/s), {} errors\n", self.sent(), self.errors());
        for (kind, count) in &self.errors {
            let _ = writeln!(text, "  {count} x {kind}");
        }
        if self.held_back > 0 {
            let _ = writeln!(
                text,
                "  {} left late: too many were in flight; that time is in their latency",
                self.held_back
            );
        }
        let percentiles =
            PERCENTILES.map(|percentile| format!("{} {:.1} ms", name(percentile), self.milliseconds(percentile)));
        let _ = write!(text, "latency from when each was due: {}", percentiles.join(", "));
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let latency: BTreeMap<_, _> =
            PERCENTILES.iter().map(|percentile| (name(*percentile), self.milliseconds(*percentile))).collect();
        json!({
            "requests": self.sent(),
            "seconds": self.took.as_secs_f64(),
            "errors": self.errors(),
            "errors_by_kind": self.errors,
            "held_back": self.held_back,
            "latency_ms": latency,
        })
    }

    fn milliseconds(&self, percentile: f64) -> f64 {
        self.latencies.value_at_percentile(percentile) as f64 / 1_000.0
    }
}

fn name(percentile: f64) -> String {
    if percentile >= 100.0 { "max".into() } else { format!("p{percentile}") }
}
