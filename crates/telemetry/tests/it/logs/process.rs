//! The log of a real process: one subscriber for all of it, and one hook for panics.

use std::process::{Command, Output};

use opentelemetry::Context;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use serde_json::Value;
use telemetry::logs;
use testkit::Stub;

use super::{attributes, body, flush, receiver, records, start};

/// Set for a process that is only here to be looked at.
const RECEIVER: &str = "LOGS_TEST_RECEIVER";

/// The same, for one that forgets its pipeline.
const FORGETFUL: &str = "LOGS_TEST_FORGETFUL";

/// A value whose debug form logs, as a lazily connected pool's may.
#[derive(Clone, Copy)]
struct Talkative;

impl std::fmt::Debug for Talkative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        tracing::info!("inner");
        f.write_str("talked")
    }
}

/// This test as a process of its own, which sends its telemetry to `receiver`.
async fn process(receiver: &Stub, filter: &str) -> Output {
    exporting("otlp", receiver, filter).await
}

/// The same, with this exporter of all signals.
async fn exporting(exporter: &str, receiver: &Stub, filter: &str) -> Output {
    let variables =
        [(RECEIVER, receiver.url()), ("LOGS_TEST_EXPORTER", exporter.into()), ("LOGS_TEST_FILTER", filter.into())];
    only("logs::process::a_process_of_its_own", &variables).await
}

/// One test of this program in a process of its own.
async fn only(test: &str, variables: &[(&str, String)]) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test, "--nocapture"]).env_remove("RUST_BACKTRACE");
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
}

/// Does nothing but in [`process`]: a process has one log and one hook for panics.
#[tokio::test]
async fn a_process_of_its_own() {
    let Ok(receiver) = std::env::var(RECEIVER) else { return };
    let filter = std::env::var("LOGS_TEST_FILTER").expect("a filter");
    logs::start("test-service", &filter).expect("a filter");
    let exporter = std::env::var("LOGS_TEST_EXPORTER").expect("an exporter");
    let telemetry = start(&receiver, &[("OTEL_TRACES_EXPORTER", &exporter), ("OTEL_LOGS_EXPORTER", &exporter)]);
    logs::export_through(&telemetry);
    tracing::info!("outside of a request");
    tracing::info!(value = ?Talkative, "outer");
    telemetry::in_root_span(&telemetry, "panicking", async {
        let context = Context::current();
        let work = move || {
            let _current = context.attach();
            panic!("the secret canary-{}", 4711);
        };
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(work).expect("a thread");
        thread.join().expect_err("it panics");
    })
    .await;
    flush(&telemetry).await;
}

/// Does nothing but in a process of its own: a process has one place for records outside of a request.
#[tokio::test]
async fn a_process_that_forgets_its_pipeline() {
    let Ok(receiver) = std::env::var(FORGETFUL) else { return };
    logs::start("test-service", "").expect("a filter");
    let telemetry = start(&receiver, &[]);
    logs::export_through(&telemetry);
    tracing::info!("outside of a request");
    telemetry::in_root_span(&telemetry, "the last", async {}).await;
    drop(telemetry);
    tracing::info!("nobody takes this any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_the_log_goes_to_delivers_what_it_has_when_it_is_forgotten() {
    let receiver = receiver().await;
    let output = only("logs::process::a_process_that_forgets_its_pipeline", &[(FORGETFUL, receiver.url())]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let received = receiver.received();
    assert_eq!(records(&received).iter().map(body).collect::<Vec<_>>(), ["outside of a request"]);
    assert_eq!(received.iter().filter(|request| request.path == "/v1/traces").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_logged_with_its_place_and_its_trace_and_without_its_message() {
    let receiver = receiver().await;
    let output = process(&receiver, "").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("canary") && !String::from_utf8_lossy(&output.stdout).contains("canary"), "{said}");
    let line = said.lines().find(|line| line.contains("a thread panicked")).expect("a line");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&line["level"], &line["thread"]), (&"ERROR".into(), &"worker".into()));
    assert!(line["place"].as_str().is_some_and(|place| place.contains("tests/it/logs/process.rs:")), "{line}");
    let received = receiver.received();
    let records = records(&received);
    let bodies: Vec<_> = records.iter().map(body).collect();
    assert_eq!((bodies.first(), bodies.last()), (Some(&"outside of a request"), Some(&"a thread panicked")));
    let trace_id: String = records[records.len() - 1].trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line["trace_id"], trace_id);
    for request in &received {
        assert!(!String::from_utf8_lossy(&request.bytes).contains("canary"), "{}", request.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_told_whatever_the_filter_is() {
    let receiver = receiver().await;
    let output = process(&receiver, "order_service=debug").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().find(|line| line.contains("a thread panicked")).unwrap_or_else(|| panic!("{said}"));
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert!(line["place"].as_str().is_some_and(|place| place.contains("tests/it/logs/process.rs:")), "{line}");
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_logs_while_it_is_logged_holds_nothing_up() {
    let receiver = receiver().await;
    let output = process(&receiver, "").await;
    assert!(output.status.success());
    let records = records(&receiver.received());
    let outer = records.iter().find(|record| body(record) == "outer").expect("the outer one");
    assert_eq!(attributes(outer), [("value", &Any::StringValue("talked".to_owned()))]);
    // Once while the line is made, once while the record is made.
    assert_eq!(records.iter().filter(|record| body(record) == "inner").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_what_would_be_sent_and_nothing_is_sent() {
    let receiver = receiver().await;
    let output = exporting("console", &receiver, "").await;
    let shown = String::from_utf8_lossy(&output.stdout);
    let spans = shown.lines().find(|line| line.contains("resourceSpans")).unwrap_or_else(|| panic!("{shown}"));
    assert!(spans.contains("\"name\":\"panicking\""), "{spans}");
    assert!(shown.contains("ERROR telemetry::logs::panics \"a thread panicked\" place="), "{shown}");
    assert!(receiver.received().is_empty());
}
