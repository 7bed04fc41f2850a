//! `cargo stack doctor` on stacks that are well and on stacks that are not.

use crate::stack::{Stack, text};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};

/// The parts of a report that have failed, in its order, with what is advised.
fn failed(stack: &Stack) -> Vec<(String, String)> {
    let output = stack.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
    let findings = report["findings"].as_array().unwrap();
    let failed = findings.iter().filter(|finding| finding["state"] == "failed");
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let failed: Vec<_> = failed.map(|finding| (word(finding, "part"), word(finding, "advice"))).collect();
    assert_eq!(output.status.code(), Some(if failed.is_empty() { 0 } else { 1 }), "{}", text(&output));
    failed
}

fn parts(failed: &[(String, String)]) -> Vec<&str> {
    failed.iter().map(|(part, _)| part.as_str()).collect()
}

#[test]
fn what_is_away_is_named_before_what_follows_from_it() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    assert_eq!(failed(&stack), []);

    assert!(stack.run(&["stop", "order-service"]).status.success());
    let found = failed(&stack);
    assert_eq!(parts(&found)[..2], ["order-service", "chain"], "{found:?}");
    assert!(found[0].1.contains("cargo stack start order-service"), "{found:?}");
    assert!(stack.run(&["start", "order-service"]).status.success());

    assert!(stack.run(&["stop", "observatory"]).status.success());
    let found = failed(&stack);
    assert_eq!(
        parts(&found),
        ["user-service, export", "order-service, export", "audit-service, export", "observatory"],
        "{found:?}"
    );
    assert!(found[0].1.contains("OTEL_EXPORTER_OTLP_ENDPOINT of user-service"), "{found:?}");
}

#[test]
fn a_stack_that_samples_nothing_is_told_so() {
    let stack = Stack::new();
    let up = stack.up_command(&["--detach"]).env("OTEL_TRACES_SAMPLER", "always_off").output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    let found = failed(&stack);
    assert_eq!(parts(&found)[0], "user-service, sampling", "{found:?}");
    assert!(found[0].1.contains("OTEL_TRACES_SAMPLER"), "{found:?}");
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
    let found = failed(&stack);
    let exporters = ["user-service, exporters", "order-service, exporters", "audit-service, exporters"];
    assert_eq!(parts(&found)[..3], exporters, "{found:?}");
    assert!(found[0].1.contains("set OTEL_TRACES_EXPORTER of user-service to otlp"), "{found:?}");
}

#[test]
fn a_port_that_somebody_else_has_is_named_with_its_process() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    assert!(stack.run(&["stop", "audit-service"]).status.success());
    let port = stack.ports[3];
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let found = failed(&stack);
    assert_eq!(parts(&found)[0], format!("audit-service, port {port}"), "{found:?}");
    assert!(found[0].1.contains(&format!("pid {}", std::process::id())), "{found:?}");
}

#[test]
fn where_nothing_runs_the_gateway_is_what_is_missing() {
    let stack = Stack::new();
    let nobody = format!("http://127.0.0.1:{}", stack.ports[0]);
    let output = stack.run(&["doctor", "--gateway", &nobody]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("cargo stack up"), "{}", text(&output));
}
