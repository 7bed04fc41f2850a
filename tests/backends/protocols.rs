//! The ways in which OTLP goes to a real Collector: it takes all that is sent, and its answers are understood.

use native::backends::{Extra, Ports};
use telemetry::{Config, Telemetry};
use testkit::openmetrics::Exposition;

use crate::set::{Set, Wanted};

/// Over HTTP and over gRPC, as it is and compressed. What a Collector answers over gRPC is compressed as the request was.
pub async fn every_signal_is_taken_over_both_protocols_however_it_is_compressed() {
    // Only with this file it takes log records; that nobody takes them from it is its own affair.
    let set = Set::start(&Wanted { extras: vec![Extra::Loki], ..Wanted::default() }).await;
    let grpc = format!("http://{}", Ports::address(set.settings.ports.collector_grpc));
    for (protocol, endpoint) in [("http/protobuf", set.endpoint()), ("grpc", grpc)] {
        for compression in ["none", "gzip"] {
            let how = format!("{protocol} {compression}");
            let telemetry = pipeline(protocol, compression, &endpoint);
            let work = async {
                tracing::info!(how, "said inside");
                telemetry::trace_id()
            };
            let trace_id = telemetry::in_root_span(&telemetry, how.clone(), work).await.expect("a trace");
            // It waits for the answers to spans, metrics and log records, and fails where one of them says that all is lost.
            let ended = telemetry.clone();
            tokio::task::spawn_blocking(move || ended.shutdown()).await.expect("no panic").expect(&how);
            let account = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
            for signal in ["span", "log", "metric_data_point"] {
                let taken = account.sum(&format!("otel_sdk_exporter_{signal}_exported_total"), &[]);
                assert!(taken > 0.0, "{how}: no {signal} was sent");
            }
            set.observatory().expect(&trace_id, &format!("test-service internal {how}")).await;
        }
    }
}

fn pipeline(protocol: &str, compression: &str, endpoint: &str) -> Telemetry {
    let lookup = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_PROTOCOL" => Some(protocol.to_owned()),
        "OTEL_EXPORTER_OTLP_COMPRESSION" => Some(compression.to_owned()),
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.to_owned()),
        _ => None,
    };
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    Telemetry::start(&config).expect("it starts")
}
