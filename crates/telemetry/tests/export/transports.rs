//! OTLP over HTTP and over gRPC, as it is and compressed.

use http::Version;
use testkit::Receiver;

use crate::ledger::Ledger;
use crate::pipeline::{PROTOCOLS, pipeline, spans};

const PATHS: [&str; 2] = ["/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"];

#[test]
fn spans_arrive_over_both_protocols_with_and_without_compression() {
    for (protocol, path) in PROTOCOLS.into_iter().zip(PATHS) {
        for compression in ["none", "gzip"] {
            let receiver = Receiver::start();
            let telemetry = pipeline(
                &receiver.endpoint(),
                &[
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
                    ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t0ken,x-tenant=blue"),
                ],
            );
            let names = spans(&telemetry, 100);
            telemetry.flush().expect("they arrive");
            assert_eq!(receiver.span_names(), names, "{protocol} {compression}");
            assert_eq!(Ledger::of(&telemetry), Ledger::over(100, &[]));
            for request in receiver.requests() {
                assert_eq!(request.path, path);
                assert_eq!(request.compressed, compression == "gzip", "{protocol} {compression}");
                let header = if protocol == "grpc" { "grpc-encoding" } else { "content-encoding" };
                assert_eq!(request.header(header), Some("gzip").filter(|_| compression == "gzip"), "{protocol}");
                assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
                assert_eq!(request.header("x-tenant"), Some("blue"));
                assert!(
                    request.header("user-agent").is_some_and(|agent| agent.starts_with("OTel-OTLP-Exporter-Rust/"))
                );
                let version = if protocol == "grpc" { Version::HTTP_2 } else { Version::HTTP_11 };
                assert_eq!(request.version, version);
            }
        }
    }
}

#[test]
fn a_batch_of_a_megabyte_arrives_over_both_protocols() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]);
        let large = "x".repeat(1 << 20);
        crate::pipeline::span_with(&telemetry, "large", || telemetry::set_attribute("large", large.clone()));
        telemetry.flush().expect("it arrives");
        assert!(receiver.requests()[0].message.len() > large.len(), "{protocol}");
        assert_eq!(receiver.span_names(), ["large"], "{protocol}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_backend_takes_spans_over_both_protocols() {
    let backend = testkit::Backend::start().await;
    for protocol in PROTOCOLS {
        let endpoint = match protocol {
            "grpc" => format!("http://{}", backend.server().otlp_grpc_addr()),
            _ => backend.endpoint(),
        };
        let telemetry = pipeline(&endpoint, &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]);
        let trace_id = crate::pipeline::span_with(&telemetry, protocol, telemetry::trace_id).expect("a trace");
        telemetry.flush().expect("it arrives");
        backend.expect(&trace_id, &format!("test-service internal {protocol}")).await;
    }
}
