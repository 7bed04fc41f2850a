//! `cargo stack doctor` on stacks that are well and on stacks that are not.

use crate::stack::{Stack, text};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

/// For four examinations that take as long as any may, of which one is enough.
const LONG: Duration = Duration::from_secs(60);

/// The parts of a report that have failed, in its order, with what is advised; else why there is no report.
fn failed(stack: &Stack) -> Result<Vec<(String, String)>, String> {
    let output = stack.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| text(&output))?;
    let findings = report["findings"].as_array().unwrap();
    let failed = findings.iter().filter(|finding| finding["state"] == "failed");
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let failed: Vec<_> = failed.map(|finding| (word(finding, "part"), word(finding, "advice"))).collect();
    assert_eq!(output.status.code(), Some(if failed.is_empty() { 0 } else { 1 }), "{}", text(&output));
    Ok(failed)
}

/// Examines until exactly what `expected` says has failed. On a machine that stands still for a moment, what is well may
/// not answer the doctor in time: it is asked again.
fn found(stack: &Stack, expected: impl Fn(&[&str]) -> bool) -> Vec<(String, String)> {
    let begun = Instant::now();
    loop {
        match failed(stack) {
            Ok(failed) if expected(&parts(&failed)) => return failed,
            other => assert!(begun.elapsed() < LONG, "{other:?}"),
        }
    }
}

fn parts(failed: &[(String, String)]) -> Vec<&str> {
    failed.iter().map(|(part, _)| part.as_str()).collect()
}

#[test]
fn what_is_away_is_named_before_what_follows_from_it() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    found(&stack, |parts| parts.is_empty());

    assert!(stack.run(&["stop", "order-service"]).status.success());
    let named = found(&stack, |parts| parts.starts_with(&["order-service", "chain"]));
    assert!(named[0].1.contains("cargo stack start order-service"), "{named:?}");
    assert!(stack.run(&["start", "order-service"]).status.success());

    assert!(stack.run(&["stop", "observatory"]).status.success());
    let away = ["user-service, export", "order-service, export", "audit-service, export", "observatory"];
    let named = found(&stack, |parts| parts == away);
    assert!(named[0].1.contains("OTEL_EXPORTER_OTLP_ENDPOINT of user-service"), "{named:?}");
}

#[test]
fn a_stack_that_samples_nothing_is_told_so() {
    let stack = Stack::new();
    let up = stack.up_command(&["--detach"]).env("OTEL_TRACES_SAMPLER", "always_off").output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    let named = found(&stack, |parts| parts.starts_with(&["user-service, sampling"]));
    assert!(named[0].1.contains("OTEL_TRACES_SAMPLER"), "{named:?}");
    // The gateway decides for all: no service may leave out a part of what it has sampled.
    let user = stack.process("user-service")["pid"].as_u64().unwrap();
    let environment = std::fs::read_to_string(format!("/proc/{user}/environ")).unwrap();
    assert!(environment.split('\0').any(|variable| variable == "OTEL_TRACES_SAMPLER=parentbased_always_off"));
}

#[test]
fn a_service_whose_traces_go_nowhere_is_told_so_before_what_follows_from_it() {
    let stack = Stack::new();
    let up = stack.up_command(&["--detach"]).env("OTEL_TRACES_EXPORTER", "none").output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    let exporters = ["user-service, exporters", "order-service, exporters", "audit-service, exporters"];
    let named = found(&stack, |parts| parts.starts_with(&exporters));
    assert!(named[0].1.contains("set OTEL_TRACES_EXPORTER of user-service to otlp"), "{named:?}");
}

#[test]
fn a_port_that_somebody_else_has_is_named_with_its_process() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    assert!(stack.run(&["stop", "audit-service"]).status.success());
    let port = stack.ports[3];
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let named = found(&stack, |parts| parts.starts_with(&[&format!("audit-service, port {port}")]));
    assert!(named[0].1.contains(&format!("pid {}", std::process::id())), "{named:?}");
}

#[test]
fn where_nothing_runs_the_gateway_is_what_is_missing() {
    let stack = Stack::new();
    let nobody = format!("http://127.0.0.1:{}", stack.ports[0]);
    let output = stack.run(&["doctor", "--gateway", &nobody]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("cargo stack up"), "{}", text(&output));
}
