//! When metrics are exported, and what of: `OTEL_METRIC_*`, `OTEL_METRICS_*`, `TELEMETRY_METRICS`.

use std::time::Duration;

use super::variables::Variables;

/// The specification's default between two exports.
const INTERVAL: Duration = Duration::from_millis(60_000);
/// The specification's default for one export.
const TIMEOUT: Duration = Duration::from_millis(30_000);
const ONLY_CUMULATIVE: &str = "sums and histograms count from the start of the process, for /metrics and OTLP alike";
const ONLY_EXPLICIT: &str = "histograms have the boundaries that the semantic conventions give";

/// Time between two exports, and the longest that one may take.
pub(super) fn times(variables: &Variables<'_>) -> (Duration, Duration) {
    let interval = variables.milliseconds(&["OTEL_METRIC_EXPORT_INTERVAL"], INTERVAL);
    (interval, variables.milliseconds(&["OTEL_METRIC_EXPORT_TIMEOUT"], TIMEOUT))
}

/// Whether histograms keep exemplars. A measurement outside of a sampled trace never is one: it would lead nowhere.
pub(super) fn exemplars(variables: &Variables<'_>) -> bool {
    variables.choice(
        &["OTEL_METRICS_EXEMPLAR_FILTER"],
        &[("trace_based", true), ("always_off", false)],
        &[("always_on", "an exemplar is there for its trace; trace_based keeps those of sampled ones")],
        true,
    )
}

/// Whether metrics are recorded.
pub(super) fn recorded(variables: &Variables<'_>) -> bool {
    variables.choice(&["TELEMETRY_METRICS"], &[("on", true), ("off", false)], &[], true)
}

/// Refuses forms of sums and histograms other than ours.
pub(super) fn check_forms(variables: &Variables<'_>) {
    variables.choice(
        &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
        &[("cumulative", ())],
        &[("delta", ONLY_CUMULATIVE), ("lowmemory", ONLY_CUMULATIVE)],
        (),
    );
    variables.choice(
        &["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"],
        &[("explicit_bucket_histogram", ())],
        &[("base2_exponential_bucket_histogram", ONLY_EXPLICIT)],
        (),
    );
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::tests::{problems, read};

    #[test]
    fn times_and_switches_of_metrics_are_read() {
        let config = read(&[
            ("OTEL_METRIC_EXPORT_INTERVAL", "1500"),
            ("OTEL_METRIC_EXPORT_TIMEOUT", "700"),
            ("OTEL_METRICS_EXEMPLAR_FILTER", "Always_Off"),
            ("TELEMETRY_METRICS", "off"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Cumulative"),
        ]);
        assert_eq!(config.metric_interval, Duration::from_millis(1_500));
        assert_eq!(config.metric_timeout, Duration::from_millis(700));
        assert!(!config.exemplars && !config.metrics_recorded);
        let usual = read(&[]);
        assert_eq!((usual.metric_interval.as_secs(), usual.metric_timeout.as_secs()), (60, 30));
        assert!(usual.exemplars && usual.metrics_recorded);
    }

    #[test]
    fn what_metrics_cannot_be_is_refused() {
        let table = [
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "may not be delta: sums"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory", "may not be lowmemory: sums"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "x", "must be one of cumulative"),
            (
                "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
                "base2_exponential_bucket_histogram",
                "may not be base2_exponential_bucket_histogram: histograms have",
            ),
            ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on", "may not be always_on: an exemplar"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0", "must be a whole number of milliseconds above 0"),
            ("TELEMETRY_METRICS", "no", "must be one of on, off"),
        ];
        for (name, value, rule) in table {
            let problems = problems(&[(name, value)]);
            assert!(problems[0].starts_with(&format!("{name} {rule}")), "{problems:?}");
        }
    }
}
