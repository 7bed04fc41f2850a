//! From the environment to a [`Config`].

use std::cell::RefCell;
use std::ffi::OsString;

use super::names::Names;
use super::variables::Variables;
use super::{Config, batch, ignored, limits, metrics, otlp, requests, resource, sampler, spool};

/// All settings of the environment that are wrong, each in a sentence that begins with the variable's name.
#[derive(Clone, thiserror::Error, PartialEq, Eq)]
#[error("the environment is not valid:\n  {}", .0.join("\n  "))]
pub struct WrongSettings(pub Vec<String>);

impl Config {
    /// Reads the settings from this process' environment.
    ///
    /// # Errors
    /// As [`Config::from_lookup`], and when a value is no text.
    pub fn from_env(service_name: &str, service_version: &str) -> Result<Self, WrongSettings> {
        Self::from_values(service_name, service_version, &|name| std::env::var_os(name)).map_err(WrongSettings)
    }

    /// Reads what may be no text. That does not count as unset: who has set it wants it to have an effect.
    fn from_values(
        service_name: &str,
        service_version: &str,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Vec<String>> {
        let no_text = RefCell::new(Vec::new());
        let text = |name: &str| {
            let value = lookup(name)?.into_string();
            let problem = format!("{name} must be UTF-8");
            let mut no_text = no_text.borrow_mut();
            if value.is_err() && !no_text.contains(&problem) {
                no_text.push(problem);
            }
            value.ok()
        };
        let read = Self::from_lookup(service_name, service_version, &text);
        let mut problems = no_text.into_inner();
        match read {
            Ok(config) if problems.is_empty() => Ok(config),
            read => {
                problems.extend(read.err().unwrap_or_default());
                Err(problems)
            }
        }
    }

    /// Reads the settings by `lookup`, which answers with a variable's value.
    ///
    /// # Errors
    /// All wrong values at once, each in a sentence that begins with the variable's name and does not have its value.
    pub fn from_lookup(
        service_name: &str,
        service_version: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let variables = &Variables::new(lookup);
        let resource_attributes = resource::attributes(variables);
        let (parent_based_sampler, root_sampler) = sampler::sampler(variables);
        let (metric_interval, metric_timeout) = metrics::times(variables);
        metrics::check_forms(variables);
        ignored::check(variables);
        let config = Self {
            service_name: resource::service_name(variables, &resource_attributes, service_name),
            service_version: service_version.to_owned(),
            disabled: variables.switch(&["OTEL_SDK_DISABLED"]),
            resource_attributes,
            parent_based_sampler,
            root_sampler,
            max_spans_per_second: sampler::max_spans_per_second(variables),
            span_limits: limits::spans(variables),
            log_limits: limits::logs(variables),
            traces: otlp::read(variables, &Names::TRACES),
            metrics: otlp::read(variables, &Names::METRICS),
            logs: otlp::read(variables, &Names::LOGS),
            span_batch: batch::spans(variables),
            log_batch: batch::logs(variables),
            spool: spool::read(variables),
            metric_interval,
            metric_timeout,
            exemplars: metrics::exemplars(variables),
            metrics_recorded: metrics::recorded(variables),
            propagators: requests::propagators(variables),
            baggage_keys: requests::baggage_keys(variables),
            known_methods: requests::known_methods(variables),
            queries_recorded: requests::queries_recorded(variables),
            trusted_peers: requests::trusted_peers(variables),
            personal_data: requests::personal_data(variables),
            ignored: Vec::new(),
        };
        let (problems, ignored) = variables.taken();
        if problems.is_empty() { Ok(Self { ignored, ..config }) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_value_that_is_no_text_is_refused_by_its_name_beside_all_else_that_is_wrong() {
        let lookup = |name: &str| match name {
            // This one is read for each signal.
            "OTEL_EXPORTER_OTLP_ENDPOINT" | "TELEMETRY_PII" => Some(OsString::from_vec(b"\xffcanary".to_vec())),
            "OTEL_TRACES_SAMPLER" => Some("sometimes".into()),
            _ => None,
        };
        let mut problems = Config::from_values("test-service", "1.2.3", &lookup).expect_err("three are wrong");
        problems.sort();
        let [endpoint, sampler, personal] = &problems[..] else { panic!("three: {problems:?}") };
        assert_eq!(endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT must be UTF-8");
        assert!(sampler.starts_with("OTEL_TRACES_SAMPLER must be one of"), "{sampler}");
        assert_eq!(personal, "TELEMETRY_PII must be UTF-8");
        assert!(Config::from_values("test-service", "1.2.3", &|_| None).is_ok());
    }
}
