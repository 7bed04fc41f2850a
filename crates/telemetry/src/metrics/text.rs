//! OpenMetrics 1.0 text.
//!
//! Source: OpenMetrics 1.0, section "Text format"; OpenTelemetry's "Prometheus and OpenMetrics Compatibility" for names.

use std::fmt::Write;

use super::series::{Key, Labels, Series};

/// Text that grows family by family.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn target(&mut self, service_name: &str, service_version: &str) {
        let mut labels = String::new();
        let mut writer = Labels(&mut labels);
        writer.add("service_name", service_name);
        writer.add("service_version", service_version);
        self.line(format_args!("# TYPE target info"));
        self.line(format_args!("target_info{{{labels}}} 1"));
    }

    pub(super) fn histogram<K: Key>(&mut self, name: &str, help: &str, series: &Series<K>) {
        self.line(format_args!("# TYPE {name} histogram"));
        self.line(format_args!("# UNIT {name} seconds"));
        self.line(format_args!("# HELP {name} {help}"));
        series.visit(|labels, histogram| {
            let comma = if labels.is_empty() { "" } else { "," };
            let mut count = 0;
            for (boundary, below) in histogram.cumulative() {
                count = below;
                match boundary {
                    Some(le) => self.line(format_args!("{name}_bucket{{{labels}{comma}le=\"{le:?}\"}} {below}")),
                    None => self.line(format_args!("{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {below}")),
                }
            }
            self.line(format_args!("{name}_sum{{{labels}}} {}", histogram.sum_seconds()));
            self.line(format_args!("{name}_count{{{labels}}} {count}"));
        });
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: i64) {
        self.line(format_args!("# TYPE {name} gauge"));
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("{name} {value}"));
    }

    /// A counter, a value for each set of labels.
    pub(super) fn counter(&mut self, name: &str, help: &str, values: &[(&str, u64)]) {
        self.line(format_args!("# TYPE {name} counter"));
        self.line(format_args!("# HELP {name} {help}"));
        for (labels, value) in values {
            match *labels {
                "" => self.line(format_args!("{name}_total {value}")),
                labels => self.line(format_args!("{name}_total{{{labels}}} {value}")),
            }
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.line(format_args!("# EOF"));
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}
