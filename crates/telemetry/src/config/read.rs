//! From the environment to a [`Config`].

use std::time::Duration;

use super::{
    BatchConfig, Compression, Config, ExporterKind, LogLimits, Protocol, RootSampler, SignalConfig, SpanLimits, Tls,
};

/// Where OTLP/HTTP goes when nothing else is said (the specification's default).
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4318";
/// The specification's default between two exports.
const DEFAULT_SCHEDULE_DELAY: Duration = Duration::from_millis(5_000);
/// Eight times the specification's 2,048: half a second at 32,000 records a second, while a receiver takes its time.
const DEFAULT_QUEUE_SPANS: usize = 16_384;
/// The specification's default.
const DEFAULT_BATCH_SPANS: usize = 512;
/// The specification's default.
const DEFAULT_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// The specification has 1. With 512 records each and a receiver that takes 200 ms for one, 16 carry 40,960 records a second.
const DEFAULT_CONCURRENT_EXPORTS: usize = 16;
/// The methods that the semantic conventions know: RFC 9110, PATCH (RFC 5789) and QUERY.
const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

impl Config {
    /// Reads the settings by `lookup`, which answers with a variable's value.
    ///
    /// # Errors
    /// All wrong values at once, each in a sentence that begins with the variable's name.
    pub fn from_lookup(
        service_name: &str,
        service_version: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let get = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let resource_attributes = resource_attributes(get("OTEL_RESOURCE_ATTRIBUTES"), &mut problems);
        let named = resource_attributes.iter().find(|(key, _)| key == "service.name").map(|(_, value)| value.clone());
        let root_sampler = root_sampler(get("OTEL_TRACES_SAMPLER"), get("OTEL_TRACES_SAMPLER_ARG"), &mut problems);
        let schedule_delay =
            number(&get, "OTEL_BSP_SCHEDULE_DELAY", DEFAULT_SCHEDULE_DELAY.as_millis() as usize, &mut problems);
        let queue_spans = number(&get, "OTEL_BSP_MAX_QUEUE_SIZE", DEFAULT_QUEUE_SPANS, &mut problems);
        let batch_spans = number(&get, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", DEFAULT_BATCH_SPANS, &mut problems);
        let batch = BatchConfig {
            queue_records: queue_spans,
            batch_records: batch_spans.min(queue_spans),
            schedule_delay: Duration::from_millis(schedule_delay as u64),
            export_timeout: DEFAULT_EXPORT_TIMEOUT,
            concurrent_exports: DEFAULT_CONCURRENT_EXPORTS,
        };
        let config = Self {
            service_name: get("OTEL_SERVICE_NAME").or(named).unwrap_or_else(|| service_name.to_owned()),
            service_version: service_version.to_owned(),
            disabled: get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            resource_attributes,
            root_sampler,
            max_spans_per_second: None,
            span_limits: SpanLimits::default(),
            log_limits: LogLimits::default(),
            traces: signal(traces_endpoint(&get, &mut problems), ExporterKind::Otlp),
            metrics: signal(String::new(), ExporterKind::None),
            logs: signal(String::new(), ExporterKind::None),
            span_batch: batch,
            log_batch: batch,
            metric_interval: Duration::from_secs(60),
            metric_timeout: Duration::from_secs(30),
            exemplars: true,
            metrics_recorded: true,
            baggage_keys: Vec::new(),
            known_methods: KNOWN_METHODS.map(str::to_owned).into(),
            trusted_peers: Vec::new(),
            ignored: Vec::new(),
            personal_data: personal_data(get("TELEMETRY_PII"), &mut problems),
        };
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

fn signal(endpoint: String, exporter: ExporterKind) -> SignalConfig {
    SignalConfig {
        exporter,
        protocol: Protocol::HttpProtobuf,
        endpoint,
        headers: Vec::new(),
        timeout: Duration::from_secs(10),
        compression: Compression::None,
        tls: Tls::default(),
    }
}

fn number(get: &dyn Fn(&str) -> Option<String>, name: &str, default: usize, problems: &mut Vec<String>) -> usize {
    match get(name).map(|value| value.parse::<usize>()) {
        None => default,
        Some(Ok(value)) if value > 0 => value,
        Some(_) => {
            problems.push(format!("{name} must be a whole number above 0"));
            default
        }
    }
}

fn root_sampler(name: Option<String>, argument: Option<String>, problems: &mut Vec<String>) -> RootSampler {
    match name.as_deref().unwrap_or("parentbased_always_on") {
        "always_on" | "parentbased_always_on" => RootSampler::AlwaysOn,
        "always_off" | "parentbased_always_off" => RootSampler::AlwaysOff,
        "traceidratio" | "parentbased_traceidratio" => match argument.as_deref().unwrap_or("1").parse::<f64>() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => RootSampler::Ratio(ratio),
            _ => {
                problems.push("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1".to_owned());
                RootSampler::AlwaysOn
            }
        },
        _ => {
            problems.push(
                "OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio, parentbased_always_on, \
                 parentbased_always_off, parentbased_traceidratio"
                    .to_owned(),
            );
            RootSampler::AlwaysOn
        }
    }
}

fn traces_endpoint(get: &dyn Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> String {
    // The signal's own endpoint is used as it is; the general one is a base that the signal's path is added to.
    let (name, endpoint) = match get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
        Some(endpoint) => ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint),
        None => {
            let base = get("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("{}/v1/traces", base.trim_end_matches('/')))
        }
    };
    if reqwest::Url::parse(&endpoint).is_ok_and(|url| url.scheme() == "http" && url.has_host()) {
        return endpoint;
    }
    problems.push(format!("{name} must be an http:// URL of an OTLP/HTTP receiver, such as {DEFAULT_ENDPOINT}"));
    DEFAULT_ENDPOINT.to_owned()
}

fn personal_data(value: Option<String>, problems: &mut Vec<String>) -> bool {
    match value.as_deref() {
        None | Some("off") => false,
        Some("plain") => true,
        Some(_) => {
            problems.push("TELEMETRY_PII must be off or plain".to_owned());
            false
        }
    }
}

fn resource_attributes(value: Option<String>, problems: &mut Vec<String>) -> Vec<(String, String)> {
    let Some(value) = value else { return Vec::new() };
    let mut attributes = Vec::new();
    for member in value.split(',').map(str::trim).filter(|member| !member.is_empty()) {
        match member.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                attributes.push((percent_decoded(key.trim()), percent_decoded(value.trim())));
            }
            _ => problems.push("OTEL_RESOURCE_ATTRIBUTES must be a list of key=value, separated by commas".to_owned()),
        }
    }
    attributes
}

/// W3C Baggage's encoding, which the specification names for resource attributes. A stray `%` stands for itself.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        Config::from_lookup("user-service", "1.0.0", &|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_gives_the_specifications_defaults() {
        let config = read(&[]).expect("defaults");
        assert_eq!(config.service_name, "user-service");
        assert_eq!(config.traces.endpoint, "http://127.0.0.1:4318/v1/traces");
        assert_eq!(config.root_sampler, RootSampler::AlwaysOn);
        assert!(!config.disabled && !config.personal_data);
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let problems = read(&[
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
            ("TELEMETRY_PII", "yes"),
            ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ])
        .expect_err("five wrong values");
        for name in [
            "OTEL_TRACES_SAMPLER",
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "TELEMETRY_PII",
            "OTEL_RESOURCE_ATTRIBUTES",
        ] {
            assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name} is not in {problems:?}");
        }
    }

    #[test]
    fn resource_attributes_are_percent_decoded() {
        let config =
            read(&[("OTEL_RESOURCE_ATTRIBUTES", "team=b%20c,service.name=from-resource,odd=50%")]).expect("valid");
        assert_eq!(config.resource_attributes[0], ("team".to_owned(), "b c".to_owned()));
        assert_eq!(config.resource_attributes[2], ("odd".to_owned(), "50%".to_owned()));
        assert_eq!(config.service_name, "from-resource");
    }

    #[test]
    fn a_ratio_outside_of_0_to_1_is_refused() {
        assert!(read(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "1.5")]).is_err());
        let config = read(&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.25")])
            .expect("valid");
        assert_eq!(config.root_sampler, RootSampler::Ratio(0.25));
    }
}
