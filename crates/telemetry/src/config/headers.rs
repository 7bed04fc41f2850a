//! Headers of each export: `OTEL_EXPORTER_OTLP_HEADERS` and the signals' own. They are where tokens stand.
//!
//! Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter", "Specifying headers via environment variables".

use http::{HeaderName, HeaderValue};

use super::percent;
use super::variables::Variables;

/// What the exporter says itself; another value would contradict the request.
const OF_THE_EXPORTER: [&str; 7] =
    ["connection", "content-encoding", "content-length", "content-type", "host", "te", "transfer-encoding"];

/// `name=value` members, the values percent-decoded, the names in lower case. A name that comes twice has its last value.
pub(super) fn read(variables: &Variables<'_>, names: &[&'static str]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let Some((variable, _)) = variables.first(names) else { return headers };
    for (index, member) in variables.list(variable).unwrap_or_default().iter().enumerate() {
        // A member is told by its place: what stands in the place of a name may be a part of a token.
        let place = index + 1;
        let Some((name, value)) = member.split_once('=') else {
            variables.refuse(variable, format_args!("must be a list of name=value; member {place} has no ="));
            continue;
        };
        let Ok(name) = HeaderName::from_bytes(name.trim().as_bytes()) else {
            variables.refuse(variable, format_args!("has a name that no header may have: member {place}"));
            continue;
        };
        let value = percent::decoded(value.trim());
        // ASCII only: gRPC takes no other metadata.
        if !HeaderValue::from_str(&value).is_ok_and(|value| value.to_str().is_ok()) {
            variables.refuse(variable, format_args!("has a value that no header may have: {name}, member {place}"));
            continue;
        }
        if OF_THE_EXPORTER.contains(&name.as_str()) {
            variables.refuse(variable, format_args!("may not set {name}, which the exporter sets itself"));
            continue;
        }
        headers.retain(|(known, _)| known != name.as_str());
        headers.push((name.as_str().to_owned(), value));
    }
    headers
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{problems, read};

    fn headers(value: &str) -> Vec<(String, String)> {
        read(&[("OTEL_EXPORTER_OTLP_HEADERS", value)]).traces.headers
    }

    #[test]
    fn headers_are_percent_decoded_and_a_name_stands_once() {
        let expected = [("x-a", "last"), ("authorization", "Basic YTpi==")];
        let value = "X-A=1, authorization=Basic%20YTpi==, ";
        assert_eq!(headers(value).last(), Some(&(expected[1].0.to_owned(), expected[1].1.to_owned())));
        assert_eq!(headers("x-a=1,X-A = last"), [("x-a".to_owned(), "last".to_owned())]);
        assert_eq!(headers("x-empty="), [("x-empty".to_owned(), String::new())]);
    }

    #[test]
    fn a_signals_own_headers_stand_instead_of_the_general_ones() {
        let config = read(&[("OTEL_EXPORTER_OTLP_HEADERS", "a=1"), ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "b=2")]);
        assert_eq!(config.traces.headers[0].0, "a");
        assert_eq!(config.logs.headers, [("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn a_header_that_cannot_be_is_refused_by_its_place() {
        let table = [
            ("a=1,canary", "must be a list of name=value; member 2 has no ="),
            ("ca nary=1", "has a name that no header may have: member 1"),
            ("=canary", "has a name that no header may have: member 1"),
            ("a=canary%0A", "has a value that no header may have: a, member 1"),
            ("a=canary%FF", "has a value that no header may have: a, member 1"),
            ("Content-Type=canary", "may not set content-type, which the exporter sets itself"),
        ];
        for (value, rule) in table {
            let problems = problems(&[("OTEL_EXPORTER_OTLP_HEADERS", value)]);
            assert_eq!(problems, [format!("OTEL_EXPORTER_OTLP_HEADERS {rule}")], "{value}");
        }
    }

    #[test]
    fn no_value_of_a_header_is_in_the_debug_form() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://example.com?key=canary"),
        ]);
        let shown = format!("{config:?} {:#?}", config.metrics);
        assert!(shown.contains("authorization"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
