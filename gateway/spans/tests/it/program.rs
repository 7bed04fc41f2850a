//! The program itself: its settings from the environment, its end, its endpoints.

use crate::collector::{Collector, Spans, config};
use crate::log_file::LogFile;
use crate::nginx::free_address;
use crate::{client, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use otlp::walk;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Ended with the test, also with one that fails.
struct Program(Option<Child>);

fn program(log: &Path, environment: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway-spans"));
    command.env_clear().env("GATEWAY_ACCESS_LOG", log).envs(environment.iter().copied());
    Program(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
}

impl Program {
    fn output(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }

    fn terminate(self) -> Output {
        let pid = self.0.as_ref().unwrap().id();
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM).unwrap();
        self.output()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn last_line(output: &Output) -> Value {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn it_follows_the_environment_and_sends_the_rest_on_sigterm() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let endpoint = format!("http://{}/base/", collector.address());
    let child = program(
        log.path(),
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc,x-tenant=one"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test%20ing,service.name=ignored"),
            ("OTEL_SDK_DISABLED", ""),
        ],
    );
    log.requests(1);
    wait::until("the first span came", || (collector.span_count() == 1).then_some(()));
    log.requests(900);
    let output = child.terminate();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(collector.span_count(), 901);
    let counts = last_line(&output);
    assert_eq!(
        (&counts["lines_read"], &counts["spans_made"], &counts["spans_sent"]),
        (&901.into(), &901.into(), &901.into())
    );
    assert_eq!((&counts["level"], &counts["message"]), (&"INFO".into(), &"stopped".into()));
    let request = collector.requests().remove(0);
    assert_eq!(request.line, "POST /base/v1/traces HTTP/1.1");
    assert_eq!(request.all("Content-Type"), ["application/x-protobuf"]);
    assert_eq!((request.all("Authorization"), request.all("X-Tenant")), (vec!["Basic abc"], vec!["one"]));
    let resource = walk::resource_spans(&request.body).next().unwrap().unwrap();
    assert_eq!(resource.service_name(), "api-gateway");
    let environment = resource.resource().attributes().get("deployment.environment.name").unwrap();
    assert_eq!(environment.as_str(), Some("test ing"));
}

#[test]
fn the_endpoint_for_traces_is_taken_as_it_is() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let endpoint = format!("http://{}/own/place", collector.address());
    let settings = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint.as_str()), ("OTEL_SERVICE_NAME", "edge")];
    let child = program(log.path(), &settings);
    log.requests(1);
    wait::until("the span came", || (collector.span_count() == 1).then_some(()));
    assert!(child.terminate().status.success());
    let request = collector.requests().remove(0);
    assert_eq!(request.line, "POST /own/place HTTP/1.1");
    assert_eq!(walk::resource_spans(&request.body).next().unwrap().unwrap().service_name(), "edge");
}

#[test]
fn a_collector_that_is_away_does_not_keep_it_from_ending() {
    let mut log = LogFile::new();
    let address = free_address();
    log.requests(5);
    let endpoint = format!("http://{address}");
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("SHUTDOWN_TIMEOUT_MS", "300")];
    let output = terminate_when_running(program(log.path(), &settings).0.as_mut().unwrap());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(last_line(&output)["spans_sent"], 0);
    let collector = Collector::start_at(address);
    assert_eq!(Spans::start(log.path(), address).stop().spans_sent.get(), 5);
    assert_eq!(collector.span_count(), 5);
}

/// It handles signals once it has something to say about the collector.
fn terminate_when_running(child: &mut Child) -> Output {
    use std::io::{BufRead, BufReader, Read};
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    assert!(first.contains("they wait in the access log"), "{first}");
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
    let mut stderr = Vec::new();
    said.read_to_end(&mut stderr).unwrap();
    Output { status: child.wait().unwrap(), stdout: Vec::new(), stderr }
}

#[test]
fn a_wrong_setting_is_named() {
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.test"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c"),
        ("LISTEN", "nowhere"),
    ] {
        let output = program(Path::new("/nonexistent/access.log"), &[(variable, value)]).output();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap().to_lowercase();
        let named = said.contains(&variable.to_lowercase()) || said.contains("--listen");
        assert!(named, "{said}");
    }
}

#[test]
fn a_credential_in_the_collectors_url_is_not_repeated() {
    for variable in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
        for url in ["https://name:secret@collector.test", "http://name:secret@collector.test:port"] {
            let output = program(Path::new("/nonexistent/access.log"), &[(variable, url)]).output();
            assert_eq!(output.status.code(), Some(2));
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("OTEL_EXPORTER_OTLP") && !said.contains("secret"), "{said}");
        }
        let mut help = Command::new(env!("CARGO_BIN_EXE_gateway-spans"));
        let help = help.arg("--help").env(variable, "http://name:secret@collector.test").output().unwrap();
        assert!(!String::from_utf8(help.stdout).unwrap().contains("secret"));
    }
}

#[test]
fn help_has_examples() {
    let output = Command::new(env!("CARGO_BIN_EXE_gateway-spans")).arg("--help").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("Examples:"));
}

#[test]
fn metrics_and_liveness_are_served() {
    let mut log = LogFile::new();
    let collector = Collector::start();
    let mut settings = config(log.path(), collector.address());
    settings.listen = Some(([127, 0, 0, 1], 0).into());
    settings.shutdown_timeout = Duration::from_secs(1);
    let spans = Spans::start_with(settings);
    let address = spans.server().http_addr().unwrap();
    log.requests(3);
    spans.until_counted("spans_sent", |counts| counts.spans_sent.get(), 3);
    assert_eq!(client::get(address, "/livez").status, 200);
    let metrics = client::get(address, "/metrics");
    assert_eq!(metrics.one("Content-Type"), "text/plain; version=0.0.4");
    assert!(metrics.body.contains("# TYPE gateway_spans_spans_sent_total counter\ngateway_spans_spans_sent_total 3\n"));
}
