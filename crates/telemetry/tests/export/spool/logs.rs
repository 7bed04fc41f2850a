//! Log records go the same way.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message;
use telemetry::Telemetry;
use testkit::openmetrics::Exposition;
use testkit::{Receiver, Reply};

use super::{segments, spooling, wait_for};

const VARIABLES: [(&str, &str); 3] =
    [("OTEL_TRACES_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "otlp"), ("OTEL_BLRP_EXPORT_TIMEOUT", "1")];

fn of_logs(telemetry: &Telemetry, name: &str) -> f64 {
    let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
    metrics.sum(name, &[("signal", "logs")])
}

#[test]
fn log_records_wait_on_the_disk_as_well() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Status(503, vec![]));
    let telemetry = spooling(&receiver, directory.path(), &VARIABLES);
    let log = telemetry::logs::subscriber("test-service", "info", std::io::sink).expect("a filter");
    tracing::subscriber::with_default(log, || {
        telemetry.scope(|| (0..5).for_each(|number| tracing::info!(target: "shop", number, "sold")));
    });
    telemetry.flush().expect("none is lost");
    assert_eq!(of_logs(&telemetry, "telemetry_spool_written_total"), 5.0);
    telemetry.shutdown().expect("none is lost");
    assert_eq!(segments(directory.path()).len(), 1);
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &VARIABLES);
    receiver.wait_until_taken(1);
    wait_for(|| of_logs(&telemetry, "telemetry_spool_delivered_total") == 5.0);
    telemetry.shutdown().expect("none is lost");
    let requests = receiver.requests();
    let taken = requests.iter().find(|request| request.taken).expect("one");
    assert_eq!(taken.path, "/v1/logs");
    let request = ExportLogsServiceRequest::decode(&taken.message[..]).expect("an export request of logs");
    assert_eq!(request.resource_logs[0].scope_logs[0].log_records.len(), 5);
}
