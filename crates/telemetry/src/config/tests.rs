//! The whole of the reading: what every variable has in common.

use proptest::prelude::*;

use super::{Config, RootSampler};

/// The settings of these variables, which are right.
pub(super) fn read(variables: &[(&str, &str)]) -> Config {
    from(variables).expect("right values")
}

/// What is wrong with these variables.
pub(super) fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    from(variables).expect_err("wrong values")
}

fn from(variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::from_lookup("test-service", "1.2.3", &|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn an_empty_environment_gives_the_specifications_defaults() {
    let config = read(&[]);
    assert_eq!((config.service_name.as_str(), config.service_version.as_str()), ("test-service", "1.2.3"));
    assert_eq!(config.root_sampler, RootSampler::AlwaysOn);
    assert!(!config.disabled && !config.personal_data);
    let batch = config.span_batch;
    assert_eq!((batch.queue_records, batch.batch_records, batch.concurrent_exports), (16_384, 512, 16));
    assert_eq!((batch.schedule_delay.as_millis(), batch.export_timeout.as_millis()), (5_000, 30_000));
    assert_eq!(config.log_batch.schedule_delay.as_millis(), 1_000);
}

#[test]
fn every_wrong_value_is_named_at_once() {
    let wrong = [
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-17"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "smoke"),
        ("TELEMETRY_PII", "yes"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ("OTEL_CONFIG_FILE", "otel.yaml"),
    ];
    let problems = problems(&wrong);
    for (name, value) in wrong {
        assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name} is not in {problems:?}");
        assert!(!problems.iter().any(|problem| problem.contains(&format!(" {value}"))), "{value} is in {problems:?}");
    }
    assert_eq!(problems.len(), wrong.len(), "{problems:?}");
}

#[test]
fn only_true_is_true_and_what_is_neither_true_nor_false_is_told() {
    for (value, disabled) in [("true", true), (" True ", true), ("TRUE", true), ("false", false), ("", false)] {
        let config = read(&[("OTEL_SDK_DISABLED", value)]);
        assert_eq!((config.disabled, config.ignored.len()), (disabled, 0), "{value:?}");
    }
    let config = read(&[("OTEL_SDK_DISABLED", "1")]);
    assert_eq!(config.ignored, ["OTEL_SDK_DISABLED is neither true nor false, and counts as false"]);
    assert!(!config.disabled);
}

#[test]
fn empty_is_unset_for_every_variable() {
    let names = names();
    assert!(names.len() > 80, "{names:?}");
    let empty = Config::from_lookup("test-service", "1.2.3", &|_| Some(" ".to_owned())).expect("the defaults");
    assert_eq!(format!("{empty:?}"), format!("{:?}", read(&[])));
}

/// Every variable that is read.
fn names() -> Vec<String> {
    let names = std::cell::RefCell::new(Vec::new());
    Config::from_lookup("", "", &|name| {
        names.borrow_mut().push(name.to_owned());
        None
    })
    .expect("the defaults");
    let mut names = names.into_inner();
    names.sort();
    names.dedup();
    names
}

proptest! {
    // Each case is for all variables: chance would leave some of them out in most runs.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_value_makes_the_reading_panic(value in "\\PC*") {
        for name in names() {
            for value in [value.clone(), format!("{value},{value}"), format!("a={value}"), format!("http://{value}")] {
                for protocol in ["grpc", "http/protobuf"] {
                    let lookup = |asked: &str| match asked {
                        "OTEL_EXPORTER_OTLP_PROTOCOL" if name != asked => Some(protocol.to_owned()),
                        _ => (asked == name).then(|| value.clone()),
                    };
                    if let Err(problems) = Config::from_lookup("", "", &lookup) {
                        let named = |problem: &String| ["OTEL_", "TELEMETRY_"].iter().any(|start| problem.starts_with(start));
                        prop_assert!(problems.iter().all(named), "{problems:?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn values_for_all_variables_at_once_do_not_panic_either(seed in prop::collection::vec("[ -~]{0,20}", 1..8)) {
        let _ = Config::from_lookup("", "", &|name| Some(seed[name.len() % seed.len()].clone()));
    }
}
