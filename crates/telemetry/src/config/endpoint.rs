//! Where OTLP is sent: `OTEL_EXPORTER_OTLP_ENDPOINT` and the signals' own.
//!
//! Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter", "Endpoint URLs for OTLP/HTTP" and "Configuration
//! Options".

use reqwest::Url;

use super::Protocol;
use super::names::Names;
use super::variables::Variables;

/// The specification's default, `localhost`, may be an address of either family; receivers listen on this one.
const DEFAULT_HTTP: &str = "http://127.0.0.1:4318";
const DEFAULT_GRPC: &str = "http://127.0.0.1:4317";

/// The endpoint of a signal: the whole URL for HTTP, scheme, host and port for gRPC.
pub(super) fn read(variables: &Variables<'_>, own: &Names, protocol: Protocol) -> String {
    let insecure = variables.switch(&[own.insecure, Names::GENERAL.insecure]);
    let given = variables.first(&[own.endpoint, Names::GENERAL.endpoint]);
    match protocol {
        Protocol::HttpProtobuf => {
            let default = || format!("{DEFAULT_HTTP}{}", own.path);
            let Some((name, value)) = given else { return default() };
            let rule =
                format_args!("must be an http:// or https:// URL of an OTLP/HTTP receiver, such as {DEFAULT_HTTP}");
            let Some(mut url) = url(variables, name, &value, rule) else { return default() };
            // The signal's own endpoint is used as it is; the general one is a base that the signal's path is added to.
            if name == Names::GENERAL.endpoint {
                url.set_path(&format!("{}{}", url.path().trim_end_matches('/'), own.path));
            }
            url.to_string()
        }
        Protocol::Grpc => {
            let default = || DEFAULT_GRPC.to_owned();
            let Some((name, value)) = given else { return default() };
            // Only a URL without a scheme leaves the question open that `_INSECURE` answers.
            let scheme = if insecure { "http" } else { "https" };
            let value = if value.contains("://") { value } else { format!("{scheme}://{value}") };
            let rule = format_args!(
                "must be scheme, host and port of an OTLP/gRPC receiver and nothing more, such as {DEFAULT_GRPC}"
            );
            let Some(url) = url(variables, name, &value, rule) else { return default() };
            match (url.host_str(), url.port_or_known_default(), url.path(), url.query()) {
                (Some(host), Some(port), "/", None) => format!("{}://{host}:{port}", url.scheme()),
                _ => {
                    variables.refuse(name, rule);
                    default()
                }
            }
        }
    }
}

fn url(variables: &Variables<'_>, name: &str, value: &str, rule: std::fmt::Arguments<'_>) -> Option<Url> {
    let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        variables.refuse(name, rule);
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        variables.refuse(name, "may have no user and no password; OTEL_EXPORTER_OTLP_HEADERS can authorize requests");
        return None;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::config::tests::{problems, read};

    fn endpoints(config: &Config) -> [&str; 3] {
        [&config.traces.endpoint, &config.metrics.endpoint, &config.logs.endpoint]
    }

    #[test]
    fn without_a_word_all_signals_go_to_this_machine() {
        let http = "http://127.0.0.1:4318";
        let expected = [format!("{http}/v1/traces"), format!("{http}/v1/metrics"), format!("{http}/v1/logs")];
        assert_eq!(endpoints(&read(&[])), [&expected[0], &expected[1], &expected[2]]);
        let grpc = read(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
        assert_eq!(endpoints(&grpc), ["http://127.0.0.1:4317"; 3]);
    }

    #[test]
    fn over_http_the_general_endpoint_is_a_base_and_the_signals_own_is_not() {
        let bases = [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://example.com/otlp/", "https://example.com/otlp/v1/traces"),
            ("http://[::1]:4318?tenant=a", "http://[::1]:4318/v1/traces?tenant=a"),
        ];
        for (base, expected) in bases {
            assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", base)]).traces.endpoint, expected);
        }
        let own = [
            ("http://collector:4318", "http://collector:4318/"),
            ("http://collector:4318/custom", "http://collector:4318/custom"),
            ("https://example.com/otlp/", "https://example.com/otlp/"),
        ];
        for (endpoint, expected) in own {
            let config = read(&[
                ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere:4318"),
            ]);
            assert_eq!(endpoints(&config)[..2], [expected, "http://elsewhere:4318/v1/metrics"]);
        }
    }

    #[test]
    fn a_grpc_endpoint_is_scheme_host_and_port() {
        let table = [
            ("http://collector:4317", "false", "http://collector:4317"),
            ("https://collector:4317/", "true", "https://collector:4317"),
            ("https://example.com", "", "https://example.com:443"),
            ("collector:4317", "", "https://collector:4317"),
            ("collector:4317", "TRUE", "http://collector:4317"),
            ("collector:4317", "yes", "https://collector:4317"),
            ("[::1]:4317", "true", "http://[::1]:4317"),
        ];
        for (endpoint, insecure, expected) in table {
            let config = read(&[
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                ("OTEL_EXPORTER_OTLP_INSECURE", insecure),
            ]);
            assert_eq!(endpoints(&config), [expected; 3], "{endpoint} {insecure}");
        }
        let own = read(&[
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector:4317"),
            ("OTEL_EXPORTER_OTLP_LOGS_INSECURE", "true"),
        ]);
        assert_eq!(endpoints(&own)[1..], ["http://127.0.0.1:4318/v1/metrics", "http://collector:4317"]);
    }

    #[test]
    fn what_is_no_endpoint_is_refused_and_not_repeated() {
        let wrong = ["localhost:4318", "collector", "http://", "ftp://collector:4318", "unix:/tmp/otlp.sock"];
        for endpoint in wrong {
            let problems = problems(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with("OTEL_EXPORTER_OTLP_ENDPOINT must be an http://"), "{problems:?}");
        }
        for endpoint in ["http://collector:4317/v1/traces", "http://collector:4317?a=b", "ftp://a:1", "a b"] {
            let variables =
                [("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint)];
            let problem = &problems(&variables)[0];
            assert!(
                problem.starts_with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be scheme, host and port"),
                "{problem}"
            );
        }
        let problem = &problems(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:canary@collector:4318")])[0];
        assert!(problem.contains("may have no user and no password") && !problem.contains("canary"), "{problem}");
    }
}
