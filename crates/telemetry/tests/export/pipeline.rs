//! A pipeline under test: settings as the environment would have them, and spans.

use futures_util::FutureExt;
use telemetry::{Config, Telemetry};

/// Spans only, and a delay that is never over while a test runs: what arrives was flushed, or filled a batch.
const USUAL: [(&str, &str); 3] =
    [("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")];

/// Both ways of OTLP, as `OTEL_EXPORTER_OTLP_PROTOCOL` names them.
pub const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// Starts one that sends to `endpoint`; `variables` come before the usual ones.
pub fn pipeline(endpoint: &str, variables: &[(&str, &str)]) -> Telemetry {
    let lookup = |name: &str| {
        let set = variables.iter().chain(&USUAL).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        set.or_else(|| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.to_owned()))
    };
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    Telemetry::start(&config).expect("it starts")
}

/// A root span with what `inside` does in it.
pub fn span_with<T>(telemetry: &Telemetry, name: impl Into<String>, inside: impl FnOnce() -> T) -> T {
    let work = telemetry::in_root_span(telemetry, name.into(), async { inside() });
    work.now_or_never().expect("nothing in it waits")
}

/// A root span.
pub fn span(telemetry: &Telemetry, name: impl Into<String>) {
    span_with(telemetry, name, || ());
}

/// So many root spans, named by their numbers with as many digits as that takes to sort.
pub fn spans(telemetry: &Telemetry, count: usize) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|number| format!("span {number:06}")).collect();
    names.iter().for_each(|name| span(telemetry, name));
    names
}
