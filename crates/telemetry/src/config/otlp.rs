//! Where each signal goes: `OTEL_*_EXPORTER` and `OTEL_EXPORTER_OTLP_*`, the signal's own before the general one.
//!
//! Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter" and "Exporter Selection".

use std::time::Duration;

use super::names::Names;
use super::variables::Variables;
use super::{Compression, ExporterKind, Protocol, SignalConfig, endpoint, headers, tls};

/// The specification's default for one request.
const TIMEOUT: Duration = Duration::from_millis(10_000);
const NO_ZIPKIN: &str = "only OTLP is exported; a Collector can make Zipkin of it";
const NO_JAEGER: &str = "only OTLP is exported, which Jaeger takes";
const NO_JSON: &str = "OTLP is sent as protobuf: http/protobuf, which every receiver of http/json takes too, or grpc";

/// Reads what there is for this signal.
pub(super) fn read(variables: &Variables<'_>, own: &Names) -> SignalConfig {
    let general = &Names::GENERAL;
    let protocol = variables.choice(
        &[own.protocol, general.protocol],
        &[("http/protobuf", Protocol::HttpProtobuf), ("grpc", Protocol::Grpc)],
        &[("http/json", NO_JSON)],
        Protocol::HttpProtobuf,
    );
    SignalConfig {
        exporter: exporter(variables, own),
        protocol,
        endpoint: endpoint::read(variables, own, protocol),
        headers: headers::read(variables, &[own.headers, general.headers]),
        timeout: variables.milliseconds(&[own.timeout, general.timeout], TIMEOUT),
        compression: variables.choice(
            &[own.compression, general.compression],
            &[("none", Compression::None), ("gzip", Compression::Gzip)],
            &[],
            Compression::None,
        ),
        tls: tls::read(variables, own),
    }
}

/// What is done with the signal's records. `prometheus`, which is for metrics only, is `/metrics`: that is always there,
/// and next to it there may be one more.
fn exporter(variables: &Variables<'_>, own: &Names) -> ExporterKind {
    let name = own.exporter;
    let Some(mut members) = variables.list(name) else { return ExporterKind::Otlp };
    let is_metrics = name == Names::METRICS.exporter;
    let listed = members.len();
    members.retain(|member| !(is_metrics && member.eq_ignore_ascii_case("prometheus")));
    if members.is_empty() && listed > 0 {
        return ExporterKind::None;
    }
    let [member] = members.as_slice() else {
        variables.refuse(name, "must name one exporter: none, otlp or console");
        return ExporterKind::Otlp;
    };
    match member.to_ascii_lowercase().as_str() {
        "otlp" => ExporterKind::Otlp,
        // `logging` is the older name of `console`.
        "console" | "logging" => ExporterKind::Console,
        "none" => ExporterKind::None,
        "zipkin" => refused(variables, name, "zipkin", NO_ZIPKIN),
        "jaeger" => refused(variables, name, "jaeger", NO_JAEGER),
        _ => {
            let more = if is_metrics { ", prometheus" } else { "" };
            variables.refuse(name, format_args!("must be one of none, otlp, console{more}"));
            ExporterKind::Otlp
        }
    }
}

fn refused(variables: &Variables<'_>, name: &str, what: &str, why: &str) -> ExporterKind {
    variables.refuse(name, format_args!("may not be {what}: {why}"));
    ExporterKind::Otlp
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Compression, ExporterKind, Protocol};
    use crate::config::tests::{problems, read};

    #[test]
    fn each_signal_has_its_exporter_and_otlp_is_the_default() {
        let config = read(&[("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "Console")]);
        assert_eq!(config.traces.exporter, ExporterKind::Otlp);
        assert_eq!(config.metrics.exporter, ExporterKind::None);
        assert_eq!(config.logs.exporter, ExporterKind::Console);
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "logging")]).traces.exporter, ExporterKind::Console);
    }

    #[test]
    fn prometheus_is_the_metrics_page_that_is_always_there() {
        let table = [
            ("prometheus", ExporterKind::None),
            ("prometheus,otlp", ExporterKind::Otlp),
            ("console, prometheus", ExporterKind::Console),
            ("none", ExporterKind::None),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("OTEL_METRICS_EXPORTER", value)]).metrics.exporter, expected, "{value}");
        }
        let problem = problems(&[("OTEL_TRACES_EXPORTER", "prometheus")]);
        assert_eq!(problem, ["OTEL_TRACES_EXPORTER must be one of none, otlp, console"]);
    }

    #[test]
    fn an_exporter_that_there_is_not_is_refused_with_a_way_out() {
        for (value, words) in [("zipkin", "a Collector"), ("jaeger", "which Jaeger takes"), ("otlp,console", "one")] {
            let problem = &problems(&[("OTEL_TRACES_EXPORTER", value)])[0];
            assert!(problem.starts_with("OTEL_TRACES_EXPORTER m") && problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn the_signals_own_variable_comes_before_the_general_one() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "3000"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"),
        ]);
        assert_eq!((config.traces.protocol, config.metrics.protocol), (Protocol::HttpProtobuf, Protocol::Grpc));
        assert_eq!(config.traces.timeout, Duration::from_secs(2));
        assert_eq!(config.metrics.timeout, Duration::from_secs(3));
        assert_eq!((config.traces.compression, config.logs.compression), (Compression::Gzip, Compression::None));
        assert_eq!(read(&[]).traces.timeout, Duration::from_secs(10));
    }

    #[test]
    fn json_and_unknown_compressions_are_refused() {
        let problem = &problems(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")])[0];
        assert!(problem.starts_with("OTEL_EXPORTER_OTLP_PROTOCOL may not be http/json: "), "{problem}");
        assert_eq!(
            problems(&[("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "zstd")]),
            ["OTEL_EXPORTER_OTLP_LOGS_COMPRESSION must be one of none, gzip"]
        );
    }
}
