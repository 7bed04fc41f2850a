//! Variables of the specification that this crate does not honour, each with a word to whoever sets it.

use super::variables::Variables;

/// Set, these would change everything that is read here, or where it goes. Going on without them would be a surprise.
const REFUSED: [(&str, &str); 2] = [
    ("OTEL_CONFIG_FILE", "is not supported: the settings are read from the environment; unset it"),
    ("OTEL_EXPERIMENTAL_CONFIG_FILE", "is not supported: the settings are read from the environment; unset it"),
];

/// Set, these have no effect, and nothing is lost by that.
const WITHOUT_EFFECT: [(&str, &str); 13] = [
    ("OTEL_LOG_LEVEL", "has no effect: RUST_LOG says what is logged, such as info,telemetry=debug"),
    ("OTEL_ENTITIES", "has no effect: OTEL_RESOURCE_ATTRIBUTES says what this process is"),
    ("OTEL_SEMCONV_STABILITY_OPT_IN", "has no effect: only the stable conventions are spoken"),
    ("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "has no effect: errors are log records and no events of spans already"),
    ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "has no effect: only OTLP is exported; a Collector can make Zipkin of it"),
    ("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "has no effect: only OTLP is exported; a Collector can make Zipkin of it"),
    ("OTEL_EXPORTER_JAEGER_ENDPOINT", "has no effect: only OTLP is exported, which Jaeger takes"),
    ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "has no effect: only OTLP is exported, which Jaeger takes"),
    ("OTEL_EXPORTER_JAEGER_AGENT_PORT", "has no effect: only OTLP is exported, which Jaeger takes"),
    ("OTEL_EXPORTER_PROMETHEUS_HOST", "has no effect: /metrics is where the service itself listens"),
    ("OTEL_EXPORTER_PROMETHEUS_PORT", "has no effect: /metrics is where the service itself listens"),
    ("OTEL_EXPORTER_OTLP_SPAN_INSECURE", "has no effect: its name is OTEL_EXPORTER_OTLP_TRACES_INSECURE now"),
    ("OTEL_EXPORTER_OTLP_METRIC_INSECURE", "has no effect: its name is OTEL_EXPORTER_OTLP_METRICS_INSECURE now"),
];

/// Refuses the ones and notes the others.
pub(super) fn check(variables: &Variables<'_>) {
    for (name, why) in REFUSED {
        if variables.get(name).is_some() {
            variables.refuse(name, why);
        }
    }
    for (name, why) in WITHOUT_EFFECT {
        if variables.get(name).is_some() {
            variables.ignore(name, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{REFUSED, WITHOUT_EFFECT};
    use crate::config::tests::{problems, read};

    #[test]
    fn whoever_sets_a_variable_in_vain_is_told() {
        assert_eq!(read(&[]).ignored, [""; 0]);
        for (name, why) in WITHOUT_EFFECT {
            assert_eq!(read(&[(name, "value")]).ignored, [format!("{name} {why}")]);
        }
        for (name, why) in REFUSED {
            assert_eq!(problems(&[(name, "otel.yaml")]), [format!("{name} {why}")]);
        }
    }
}
