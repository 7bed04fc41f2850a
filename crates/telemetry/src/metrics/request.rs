//! The same as an OTLP request.

use std::time::Duration;

use otlp::encode::metrics::{
    ExemplarRecord, HistogramRecord, MetricKind, MetricRecord, MetricsWriter, Number, Period, PointWriter, Scope,
    append_request,
};
use otlp::{SpanId, TraceId};

use super::descriptor::Instrument;
use super::exemplar::Exemplar;
use super::histogram::{Counts, nanos};
use super::snapshot::{Family, Point};
use crate::semconv;

/// Appends an `ExportMetricsServiceRequest` of everything, counted from `epoch` to `now`, both since 1970.
///
/// # Returns
/// How many points it has.
pub(super) fn append(out: &mut Vec<u8>, resource: &[u8], families: &[Family], epoch: Duration, now: Duration) -> usize {
    let scope =
        Scope { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), schema_url: semconv::SCHEMA_URL };
    let period = Period { start_unix_nanos: nanos(epoch), unix_nanos: nanos(now) };
    append_request(out, resource, &scope, |metrics| {
        // A metric without points says nothing.
        for family in families.iter().filter(|family| !family.points.is_empty()) {
            self::family(metrics, family, period);
        }
    })
}

fn family(metrics: &mut MetricsWriter<'_>, Family { descriptor, points }: &Family, period: Period) {
    let kind = match descriptor.instrument {
        Instrument::Counter => MetricKind::Sum { monotonic: true },
        Instrument::UpDownCounter => MetricKind::Sum { monotonic: false },
        Instrument::Histogram(_) => MetricKind::Histogram,
    };
    let (name, description, unit) = (descriptor.name, descriptor.description, descriptor.unit);
    metrics.metric(&MetricRecord { name, description, unit, kind }, |writer| {
        for (attributes, point) in points {
            match point {
                Point::Number(value) => writer.number(&attributes.values(), period, Number::Int(*value)),
                Point::Histogram(counts) => histogram(writer, &attributes.values(), period, counts),
            }
        }
    });
}

fn histogram(
    writer: &mut PointWriter<'_>,
    attributes: &[(&str, otlp::encode::Value<'_>)],
    period: Period,
    counts: &Counts,
) {
    let exemplar = |exemplar: &Exemplar| ExemplarRecord {
        unix_nanos: period.start_unix_nanos + exemplar.at_nanos,
        value: exemplar.duration.as_secs_f64(),
        trace_id: TraceId(exemplar.trace_id),
        span_id: SpanId(exemplar.span_id),
    };
    let exemplars: Vec<_> = counts.exemplars.iter().flatten().map(exemplar).collect();
    let record = HistogramRecord {
        bounds: counts.boundaries,
        counts: &counts.buckets,
        sum: counts.sum.as_secs_f64(),
        exemplars: &exemplars,
    };
    writer.histogram(attributes, period, &record);
}
