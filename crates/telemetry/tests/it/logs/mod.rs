//! The log: lines on standard error, and records over OTLP.

mod lines;
mod private;
mod process;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ScopeLogs};
use prost::Message;
use telemetry::{Config, Telemetry};
use testkit::Stub;
use testkit::client::TRACE;
use testkit::stub::{Behaviour, Received};

use lines::{Lines, SPAN, in_a_trace};

async fn receiver() -> Stub {
    Stub::start(Behaviour::Answer(200, "application/x-protobuf", String::new())).await
}

fn start(receiver: &str, more: &[(&str, &str)]) -> Telemetry {
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver), ("OTEL_METRICS_EXPORTER", "none")];
    let lookup = |name: &str| {
        let mut all = variables.iter().chain(more);
        all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    Telemetry::start(&Config::from_lookup("test-service", "1.2.3", &lookup).expect("right values")).expect("it starts")
}

async fn flush(telemetry: &Telemetry) {
    let telemetry = telemetry.clone();
    tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("all is delivered");
}

/// The scopes of all requests with log records.
fn scopes(received: &[Received]) -> Vec<ScopeLogs> {
    let requests = received.iter().filter(|request| request.path == "/v1/logs");
    let decode = |request: &Received| ExportLogsServiceRequest::decode(request.bytes.as_slice()).expect("a request");
    requests.flat_map(|request| decode(request).resource_logs).flat_map(|resource| resource.scope_logs).collect()
}

fn records(received: &[Received]) -> Vec<LogRecord> {
    scopes(received).into_iter().flat_map(|scope| scope.log_records).collect()
}

fn body(record: &LogRecord) -> &str {
    match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Any::StringValue(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn attributes(record: &LogRecord) -> Vec<(&str, &Any)> {
    let value = |value: &'_ Option<AnyValue>| value.as_ref().is_some_and(|value| value.value.is_some());
    assert!(record.attributes.iter().all(|attribute| value(&attribute.value)));
    let values = record.attributes.iter().filter_map(|attribute| attribute.value.as_ref()?.value.as_ref());
    record.attributes.iter().map(|attribute| attribute.key.as_str()).zip(values).collect()
}

#[tokio::test]
async fn the_same_records_go_over_otlp_with_their_trace() {
    let receiver = receiver().await;
    let telemetry = start(&receiver.url(), &[("OTEL_RESOURCE_ATTRIBUTES", "team=b%20c")]);
    let (_lines, _log) = Lines::start("debug");
    {
        let _span = in_a_trace(Some(&telemetry)).attach();
        tracing::error!(name: "order.lost", target: "orders", count = 2_u64, big = u64::MAX, half = 0.5, yes = true,
            count = 3, how = ?Some("x"), "lost {}", 1);
    }
    telemetry.scope(|| tracing::debug!("outside of a trace"));
    flush(&telemetry).await;
    let received = receiver.received();
    let scopes = scopes(&received);
    let names: Vec<_> = scopes.iter().map(|scope| scope.scope.as_ref().map(|scope| scope.name.as_str())).collect();
    assert_eq!(names, [Some("orders"), Some(module_path!())]);
    let records = records(&received);
    let lost = &records[0];
    assert_eq!((lost.severity_number, lost.severity_text.as_str(), body(lost)), (17, "ERROR", "lost 1"));
    assert_eq!((lost.event_name.as_str(), lost.flags), ("order.lost", 1));
    assert_eq!(lost.trace_id, TraceId::from_hex(TRACE).unwrap().to_bytes());
    assert_eq!(lost.span_id, SpanId::from_hex(SPAN).unwrap().to_bytes());
    assert!(lost.time_unix_nano > 1_700_000_000_000_000_000 && lost.observed_time_unix_nano >= lost.time_unix_nano);
    let expected = [
        ("count", &Any::IntValue(2)),
        ("big", &Any::StringValue(u64::MAX.to_string())),
        ("half", &Any::DoubleValue(0.5)),
        ("yes", &Any::BoolValue(true)),
        ("how", &Any::StringValue("Some(\"x\")".to_owned())),
    ];
    assert_eq!(attributes(lost), expected);
    let outside = &records[1];
    assert_eq!((body(outside), outside.severity_number, outside.event_name.as_str()), ("outside of a trace", 5, ""));
    assert!(outside.trace_id.is_empty() && outside.attributes.is_empty());
    let request = ExportLogsServiceRequest::decode(received[0].bytes.as_slice()).expect("a request");
    let resource = request.resource_logs[0].resource.as_ref().expect("a resource");
    assert!(resource.attributes.iter().any(|attribute| attribute.key == "team"), "{resource:?}");
}

#[tokio::test]
async fn a_records_attributes_have_limits() {
    let receiver = receiver().await;
    let limits = [("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "2"), ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3")];
    let telemetry = start(&receiver.url(), &limits);
    let (lines, _log) = Lines::start("info");
    telemetry.scope(|| tracing::info!(a = "äöüß", b = ?"long", c = 1, d = 2, "a message is no attribute"));
    flush(&telemetry).await;
    let records = records(&receiver.received());
    let expected = [("a", &Any::StringValue("äöü".to_owned())), ("b", &Any::StringValue("\"lo".to_owned()))];
    assert_eq!(attributes(&records[0]), expected);
    assert_eq!((records[0].dropped_attributes_count, body(&records[0])), (2, "a message is no attribute"));
    assert_eq!(lines.last()["a"], "äöüß");
}

#[tokio::test]
async fn what_carries_telemetry_is_not_carried_itself() {
    let receiver = receiver().await;
    let telemetry = start(&receiver.url(), &[]);
    let (lines, _log) = Lines::start("trace");
    telemetry.scope(|| {
        for target in ["exporter", "transport"] {
            tracing::info!("{target} is told");
        }
        tracing::info!(target: "telemetry::export::lane", "not told");
        tracing::info!(target: "hyper_util::client", "not told");
        tracing::info!(target: "h2", "not told");
        tracing::info!(target: "rustls::conn", "not told");
        tracing::info!(target: "opentelemetry_sdk", "not told");
    });
    flush(&telemetry).await;
    flush(&telemetry).await;
    let bodies: Vec<_> = records(&receiver.received()).iter().map(|record| body(record).to_owned()).collect();
    assert_eq!(bodies, ["exporter is told", "transport is told"]);
    assert_eq!(lines.text().matches("not told").count(), 5, "they are on standard error all the same");
}

#[tokio::test]
async fn a_filter_of_the_log_silences_no_span() {
    let receiver = receiver().await;
    let telemetry = start(&receiver.url(), &[]);
    let (lines, _log) = Lines::start("off");
    telemetry::in_root_span(&telemetry, "job", async { tracing::error!("nobody hears this") }).await;
    flush(&telemetry).await;
    let received = receiver.received();
    let paths: Vec<_> = received.iter().map(|request| request.path.as_str()).collect();
    assert_eq!((paths.as_slice(), lines.text().as_str()), (&["/v1/traces"][..], ""));
    let spans: Vec<_> = otlp::walk::resource_spans(&received[0].bytes).collect();
    assert_eq!(spans.len(), 1);
}

#[tokio::test]
async fn without_an_exporter_of_logs_nothing_is_sent() {
    let receiver = receiver().await;
    let telemetry = start(&receiver.url(), &[("OTEL_LOGS_EXPORTER", "none")]);
    let (lines, _log) = Lines::start("info");
    telemetry.scope(|| tracing::info!("only on standard error"));
    flush(&telemetry).await;
    assert_eq!((receiver.received().len(), lines.text().lines().count()), (0, 1));
}
