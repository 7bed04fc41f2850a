//! Which traces are recorded: `OTEL_TRACES_SAMPLER` and the cap on spans a second.

use super::RootSampler;
use super::variables::Variables;

/// What decides where nothing is said.
const DEFAULT_SAMPLER: &str = "parentbased_always_on";
/// Samplers that ask somebody else, which this crate does not.
const REMOTE: &str = "sampling is decided in this process; a Collector can sample by rules";

enum Named {
    On,
    Off,
    Ratio,
}

/// Whether another process's decision on a trace is followed, and the sampler of all other traces.
///
/// Source: OpenTelemetry specification, "Trace SDK", "Built-in samplers": only `ParentBased` asks what the caller has decided.
pub(super) fn sampler(variables: &Variables<'_>) -> (bool, RootSampler) {
    const NAME: &str = "OTEL_TRACES_SAMPLER";
    let name = variables.get(NAME).unwrap_or_else(|| DEFAULT_SAMPLER.to_owned()).to_ascii_lowercase();
    let root = name.strip_prefix("parentbased_");
    let named = match root.unwrap_or(&name) {
        "always_on" => Some(Named::On),
        "always_off" => Some(Named::Off),
        "traceidratio" => Some(Named::Ratio),
        "jaeger_remote" | "xray" => {
            variables.refuse(NAME, format_args!("may not be {name}: {REMOTE}"));
            None
        }
        _ => {
            variables.refuse(
                NAME,
                "must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, \
                 parentbased_traceidratio",
            );
            None
        }
    };
    let sampler = match named {
        Some(Named::Off) => RootSampler::AlwaysOff,
        Some(Named::Ratio) => RootSampler::Ratio(ratio(variables)),
        Some(Named::On) | None => RootSampler::AlwaysOn,
    };
    (root.is_some(), sampler)
}

fn ratio(variables: &Variables<'_>) -> f64 {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    match variables.get(NAME).map(|value| value.parse::<f64>()) {
        None => 1.0,
        Some(Ok(ratio)) if (0.0..=1.0).contains(&ratio) => ratio,
        Some(_) => {
            variables.refuse(NAME, "must be a number from 0 to 1");
            1.0
        }
    }
}

/// Spans a second beyond which traces that begin here are not sampled.
pub(super) fn max_spans_per_second(variables: &Variables<'_>) -> Option<u32> {
    const NAME: &str = "TELEMETRY_MAX_SPANS_PER_SECOND";
    match variables.get(NAME)?.parse() {
        Ok(spans) if spans > 0 => Some(spans),
        _ => {
            variables.refuse(NAME, "must be a whole number above 0; OTEL_TRACES_SAMPLER=always_off records no trace");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RootSampler::{self, AlwaysOff, AlwaysOn, Ratio};
    use crate::config::tests::{problems, read};

    #[test]
    fn every_sampler_of_the_specification_is_known_in_any_case() {
        let table: [(&str, &str, (bool, RootSampler)); 9] = [
            ("", "", (true, AlwaysOn)),
            ("always_on", "", (false, AlwaysOn)),
            ("Always_Off", "", (false, AlwaysOff)),
            ("traceidratio", "0.25", (false, Ratio(0.25))),
            ("traceidratio", "", (false, Ratio(1.0))),
            ("parentbased_always_on", "nonsense", (true, AlwaysOn)),
            ("parentbased_always_off", "", (true, AlwaysOff)),
            ("PARENTBASED_TRACEIDRATIO", "0", (true, Ratio(0.0))),
            ("parentbased_traceidratio", "1e-3", (true, Ratio(0.001))),
        ];
        for (name, argument, expected) in table {
            let config = read(&[("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)]);
            assert_eq!((config.parent_based_sampler, config.root_sampler), expected, "{name} {argument}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_a_reason() {
        let ratio = ["1.5", "-0.1", "NaN", "inf", "half"];
        for argument in ratio {
            let variables = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", argument)];
            assert_eq!(problems(&variables), ["OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1"], "{argument}");
        }
        for name in ["parentbased_jaeger_remote", "xray"] {
            let problem = &problems(&[("OTEL_TRACES_SAMPLER", name)])[0];
            assert!(problem.contains("a Collector can"), "{problem}");
        }
        assert!(problems(&[("OTEL_TRACES_SAMPLER", "sometimes")])[0].contains("must be one of always_on"));
    }

    #[test]
    fn the_cap_on_spans_a_second_is_off_unless_it_is_set() {
        assert_eq!(read(&[]).max_spans_per_second, None);
        assert_eq!(read(&[("TELEMETRY_MAX_SPANS_PER_SECOND", "2000")]).max_spans_per_second, Some(2_000));
        for wrong in ["0", "-1", "many"] {
            let problem = &problems(&[("TELEMETRY_MAX_SPANS_PER_SECOND", wrong)])[0];
            assert!(problem.starts_with("TELEMETRY_MAX_SPANS_PER_SECOND must be"), "{problem}");
        }
    }
}
