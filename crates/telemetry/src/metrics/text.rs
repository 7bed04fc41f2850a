//! OpenMetrics 1.0 text.
//!
//! Source: OpenMetrics 1.0, sections "Text format" and "Exemplars"; OpenTelemetry's "Prometheus and OpenMetrics
//! Compatibility" for names.

use std::fmt::Write;
use std::time::Duration;

use super::attributes::Attributes;
use super::descriptor::{Descriptor, Instrument};
use super::exemplar::Exemplar;
use super::histogram::Counts;
use super::snapshot::{Family, Point};

/// Everything as text, ending with `# EOF`. Exemplars have times since `epoch`, which is since 1970.
pub(super) fn write(target: &Attributes, families: &[Family], epoch: Duration) -> String {
    let mut text = Text { out: String::new(), epoch };
    text.line(format_args!("# TYPE target info"));
    text.line(format_args!("target_info{{{}}} 1", target.labels()));
    for family in families {
        text.family(family);
    }
    text.line(format_args!("# EOF"));
    text.out
}

/// Text that grows line by line.
struct Text {
    out: String,
    epoch: Duration,
}

impl Text {
    fn family(&mut self, Family { descriptor, points }: &Family) {
        let name = descriptor.family();
        self.head(&name, descriptor);
        for (attributes, point) in points {
            let labels = attributes.labels();
            let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
            match (point, descriptor.instrument) {
                (Point::Number(value), Instrument::Counter) => self.line(format_args!("{name}_total{braces} {value}")),
                (Point::Number(value), _) => self.line(format_args!("{name}{braces} {value}")),
                (Point::Histogram(counts), _) => self.histogram(&name, &labels, &braces, counts),
            }
        }
    }

    fn head(&mut self, name: &str, descriptor: &Descriptor) {
        let kind = match descriptor.instrument {
            Instrument::Counter => "counter",
            Instrument::UpDownCounter => "gauge",
            Instrument::Histogram(_) => "histogram",
        };
        self.line(format_args!("# TYPE {name} {kind}"));
        if let Some(unit) = descriptor.text_unit() {
            self.line(format_args!("# UNIT {name} {unit}"));
        }
        self.line(format_args!("# HELP {name} {}", descriptor.description));
    }

    fn histogram(&mut self, name: &str, labels: &str, braces: &str, counts: &Counts) {
        let comma = if labels.is_empty() { "" } else { "," };
        let boundaries = counts.boundaries.iter().copied().chain([f64::INFINITY]);
        let mut below = 0;
        for (at, (boundary, count)) in boundaries.zip(&counts.buckets).enumerate() {
            below += count;
            let boundary = if boundary.is_finite() { format!("{boundary:?}") } else { "+Inf".to_owned() };
            let exemplar = counts.exemplars.get(at).copied().flatten().map(|exemplar| self.exemplar(exemplar));
            let exemplar = exemplar.unwrap_or_default();
            self.line(format_args!("{name}_bucket{{{labels}{comma}le=\"{boundary}\"}} {below}{exemplar}"));
        }
        self.line(format_args!("{name}_sum{braces} {}", counts.sum.as_secs_f64()));
        self.line(format_args!("{name}_count{braces} {below}"));
    }

    fn exemplar(&self, exemplar: Exemplar) -> String {
        let Exemplar { duration, at_nanos, trace_id, span_id } = exemplar;
        let at = self.epoch + Duration::from_nanos(at_nanos);
        format!(
            " # {{trace_id=\"{}\",span_id=\"{}\"}} {} {}.{:03}",
            otlp::TraceId(trace_id),
            otlp::SpanId(span_id),
            duration.as_secs_f64(),
            at.as_secs(),
            at.subsec_millis()
        )
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = writeln!(self.out, "{line}");
    }
}
