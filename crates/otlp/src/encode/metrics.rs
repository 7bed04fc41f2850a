//! `ExportMetricsServiceRequest`: gauges, sums and explicit-bucket histograms, all cumulative, with exemplars.
//!
//! Source: opentelemetry-proto 1.7, `metrics.proto`; OTLP specification, "Metrics Data Model".

use super::Value;
use super::span::write_attributes;
use crate::{SpanId, TraceId, field};

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`: every value counts from the start.
const CUMULATIVE: u64 = 2;
/// Bytes that the length of a metric or a histogram's point is expected to take: right from 128 bytes to 16 KiB.
const LONG_BYTES: usize = 2;

/// Who measures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The library's name.
    pub name: &'a str,
    /// Its version; empty for none.
    pub version: &'a str,
    /// The conventions that names and attributes follow; empty for none.
    pub schema_url: &'a str,
}

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct MetricRecord<'a> {
    /// Such as `http.server.request.duration`.
    pub name: &'a str,
    /// One sentence; empty for none.
    pub description: &'a str,
    /// In UCUM, such as `s` or `{request}`; empty for none.
    pub unit: &'a str,
    /// What its points are.
    pub kind: MetricKind,
}

/// What the points of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// The value that was there when it was looked at.
    Gauge,
    /// What adds up over series and, where monotonic, never falls.
    Sum {
        /// Whether it never falls.
        monotonic: bool,
    },
    /// Counts of measurements by size.
    Histogram,
}

/// When a point was measured, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// Since when a sum or histogram counts.
    pub start_unix_nanos: u64,
    /// When it was looked at.
    pub unix_nanos: u64,
}

/// The value of a gauge's or sum's point, or of an exemplar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
}

/// A histogram's point.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistogramRecord<'a> {
    /// Upper bounds, each inclusive, in rising order.
    pub bounds: &'a [f64],
    /// Measurements in each bucket alone: one more than bounds, the last one above them all.
    pub counts: &'a [u64],
    /// The sum of all measurements.
    pub sum: f64,
    /// Some of the measurements, at most one a bucket.
    pub exemplars: &'a [ExemplarRecord],
}

/// One measurement, and the span that it was made in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExemplarRecord {
    /// When, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// What was measured.
    pub value: f64,
    /// The trace of the span.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
}

/// Appends metrics to the scope that is being written.
#[derive(Debug)]
pub struct MetricsWriter<'b> {
    out: &'b mut Vec<u8>,
    points: usize,
}

/// Appends points to the metric that is being written.
#[derive(Debug)]
pub struct PointWriter<'b> {
    out: &'b mut Vec<u8>,
    points: usize,
}

/// Appends a whole request of one resource and one scope.
///
/// `resource` is what stands in front of the scopes in `ResourceMetrics`, encoded: its fields 1, the resource, and 3, the
/// schema's URL. They have these numbers for every signal.
///
/// # Returns
/// How many points `write` has appended.
pub fn append_request(
    out: &mut Vec<u8>,
    resource: &[u8],
    scope: &Scope<'_>,
    write: impl FnOnce(&mut MetricsWriter<'_>),
) -> usize {
    let mut points = 0;
    field::message_of(out, 1, LONG_BYTES + 1, |out| {
        out.extend_from_slice(resource);
        field::message_of(out, 2, LONG_BYTES + 1, |out| {
            field::message(out, 1, |out| {
                text(out, 1, scope.name);
                text(out, 2, scope.version);
            });
            let mut writer = MetricsWriter { out, points: 0 };
            write(&mut writer);
            points = writer.points;
            text(out, 3, scope.schema_url);
        });
    });
    points
}

impl MetricsWriter<'_> {
    /// Appends a metric with the points that `write` appends.
    pub fn metric(&mut self, metric: &MetricRecord<'_>, write: impl FnOnce(&mut PointWriter<'_>)) {
        let number = match metric.kind {
            MetricKind::Gauge => 5,
            MetricKind::Sum { .. } => 7,
            MetricKind::Histogram => 9,
        };
        let mut points = 0;
        field::message_of(self.out, 2, LONG_BYTES, |out| {
            text(out, 1, metric.name);
            text(out, 2, metric.description);
            text(out, 3, metric.unit);
            field::message_of(out, number, LONG_BYTES, |out| {
                let mut writer = PointWriter { out, points: 0 };
                write(&mut writer);
                points = writer.points;
                if metric.kind != MetricKind::Gauge {
                    field::uint(out, 2, CUMULATIVE);
                }
                if metric.kind == (MetricKind::Sum { monotonic: true }) {
                    field::uint(out, 3, 1);
                }
            });
        });
        self.points += points;
    }
}

impl PointWriter<'_> {
    /// Appends a point of a gauge or a sum.
    pub fn number(&mut self, attributes: &[(&str, Value<'_>)], period: Period, value: Number) {
        self.points += 1;
        field::message(self.out, 1, |out| {
            self::period(out, period);
            // The members of a oneof are written even when they are zero: their presence is the type.
            match value {
                Number::Double(value) => field::double(out, 4, value),
                Number::Int(value) => field::fixed64(out, 6, value as u64),
            }
            write_attributes(out, 7, attributes);
        });
    }

    /// Appends a point of a histogram.
    pub fn histogram(&mut self, attributes: &[(&str, Value<'_>)], period: Period, histogram: &HistogramRecord<'_>) {
        self.points += 1;
        field::message_of(self.out, 1, LONG_BYTES, |out| {
            self::period(out, period);
            let count: u64 = histogram.counts.iter().sum();
            if count != 0 {
                field::fixed64(out, 4, count);
            }
            field::double(out, 5, histogram.sum);
            packed(out, 6, histogram.counts.iter().copied());
            packed(out, 7, histogram.bounds.iter().map(|bound| bound.to_bits()));
            for exemplar in histogram.exemplars {
                field::message(out, 8, |out| {
                    field::fixed64(out, 2, exemplar.unix_nanos);
                    field::double(out, 3, exemplar.value);
                    field::bytes(out, 4, &exemplar.span_id.0);
                    field::bytes(out, 5, &exemplar.trace_id.0);
                });
            }
            write_attributes(out, 9, attributes);
        });
    }
}

fn period(out: &mut Vec<u8>, period: Period) {
    if period.start_unix_nanos != 0 {
        field::fixed64(out, 2, period.start_unix_nanos);
    }
    field::fixed64(out, 3, period.unix_nanos);
}

/// Numbers of eight bytes each, one behind the other.
fn packed(out: &mut Vec<u8>, number: u32, values: impl ExactSizeIterator<Item = u64>) {
    if values.len() == 0 {
        return;
    }
    field::message_of(out, number, field::varint_bytes(8 * values.len() as u64), |out| {
        for value in values {
            out.extend_from_slice(&value.to_le_bytes());
        }
    });
}

fn text(out: &mut Vec<u8>, number: u32, value: &str) {
    if !value.is_empty() {
        field::text(out, number, value);
    }
}
