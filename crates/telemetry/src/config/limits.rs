//! How much a span and a log record may hold: `OTEL_*_LIMIT`.
//!
//! Source: OpenTelemetry specification, "Attribute Limits": a limit of the record's own kind comes before the general one.

use super::variables::Variables;
use super::{LogLimits, SpanLimits};

const GENERAL_COUNT: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
const GENERAL_LENGTH: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// The limits of spans.
pub(super) fn spans(variables: &Variables<'_>) -> SpanLimits {
    let default = SpanLimits::default();
    let limit = |names: &[&'static str], default| variables.limit(names).unwrap_or(default);
    SpanLimits {
        attributes: limit(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT], default.attributes),
        events: limit(&["OTEL_SPAN_EVENT_COUNT_LIMIT"], default.events),
        links: limit(&["OTEL_SPAN_LINK_COUNT_LIMIT"], default.links),
        attributes_per_event: limit(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT], default.attributes_per_event),
        attributes_per_link: limit(&["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT], default.attributes_per_link),
        value_length: length(variables, "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
    }
}

/// The limits of log records.
pub(super) fn logs(variables: &Variables<'_>) -> LogLimits {
    let attributes = variables.limit(&["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT]);
    LogLimits {
        attributes: attributes.unwrap_or(LogLimits::default().attributes),
        value_length: length(variables, "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
    }
}

fn length(variables: &Variables<'_>, name: &'static str) -> Option<usize> {
    variables.limit(&[name, GENERAL_LENGTH]).map(|characters| characters as usize)
}

#[cfg(test)]
mod tests {
    use super::{LogLimits, SpanLimits};
    use crate::config::tests::{problems, read};

    #[test]
    fn each_limit_has_its_variable() {
        let config = read(&[
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "3"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "4"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "0"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"),
            ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "7"),
            ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "8"),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "90"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "91"),
        ]);
        let spans = SpanLimits {
            attributes: 1,
            events: 2,
            links: 3,
            attributes_per_event: 4,
            attributes_per_link: 0,
            value_length: Some(6),
        };
        assert_eq!(config.span_limits, spans);
        assert_eq!(config.log_limits, LogLimits { attributes: 7, value_length: Some(8) });
    }

    #[test]
    fn the_general_limits_are_for_what_has_none_of_its_own() {
        let config = read(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "9"), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "64")]);
        let spans = config.span_limits;
        assert_eq!((spans.attributes, spans.attributes_per_event, spans.attributes_per_link), (9, 9, 9));
        assert_eq!((spans.events, spans.links, spans.value_length), (128, 128, Some(64)));
        assert_eq!(config.log_limits, LogLimits { attributes: 9, value_length: Some(64) });
        assert_eq!((read(&[]).span_limits, read(&[]).log_limits), Default::default());
    }

    #[test]
    fn a_limit_that_is_no_number_is_refused() {
        for wrong in ["-1", "unlimited", "1.0", "99999999999"] {
            let variables = [("OTEL_SPAN_LINK_COUNT_LIMIT", wrong), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", wrong)];
            let expected = [
                "OTEL_SPAN_LINK_COUNT_LIMIT must be a whole number",
                "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT must be a whole number",
            ];
            assert_eq!(problems(&variables), expected, "{wrong}");
        }
    }
}
