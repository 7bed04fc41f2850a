//! `--backends` before anything real is started: what is refused, and what is asked of cargo. The backends in the place of
//! real ones are programs that do nothing.

use crate::stack::{Stack, text};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// The variables that say where the programs of the backends are.
const VARIABLES: [&str; 5] = ["OTELCOL_BIN", "PROMETHEUS_BIN", "PROMTOOL_BIN", "LOKI_BIN", "TEMPO_BIN"];

/// A machine without any backend: no variable, nothing built, nothing in PATH.
fn without_backends(stack: &Stack, mut command: Command) -> Command {
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.env("TRACECHAIN_CACHE", stack.state().join("cache")).env("PATH", "/nonexistent");
    command
}

/// A program that says this and ends.
fn saying(stack: &Stack, name: &str, words: &str) -> PathBuf {
    let program = stack.state().join(name);
    std::fs::write(&program, format!("#!/bin/sh\necho {words}\n")).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    program
}

/// The same with a Collector and a Prometheus.
fn with_some_backends(stack: &Stack, command: Command) -> Command {
    let program = saying(stack, "nothing", "nothing");
    let mut command = without_backends(stack, command);
    command.env("OTELCOL_BIN", &program).env("PROMETHEUS_BIN", &program);
    command
}

#[test]
fn a_stack_with_backends_needs_collector_and_prometheus_and_says_how_to_get_them() {
    let stack = Stack::new();
    let output = without_backends(&stack, stack.up_command(&["--backends", "--detach"])).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let said = text(&output);
    assert!(said.contains("otelcol") && said.contains("prometheus"), "{said}");
    assert!(said.contains("cargo stack install-backends"), "{said}");
    assert!(!stack.state().join("postgres").exists(), "nothing was begun");
}

#[test]
fn spans_that_go_elsewhere_and_backends_are_a_contradiction() {
    let stack = Stack::new();
    let mut up = with_some_backends(&stack, stack.up_command(&["--backends", "--detach"]));
    let output = up.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(
        text(&output).contains("OTEL_EXPORTER_OTLP_ENDPOINT sends spans to http://127.0.0.1:9"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_variable_that_names_no_program_is_refused_by_its_name() {
    let stack = Stack::new();
    let mut up = with_some_backends(&stack, stack.up_command(&["--backends", "--detach"]));
    let output = up.env("TEMPO_BIN", "/nonexistent/tempo").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("TEMPO_BIN: /nonexistent/tempo"), "{}", text(&output));
}

#[test]
fn an_occupied_port_of_a_backend_is_named_with_its_flag_unless_that_one_is_absent() {
    let stack = Stack::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let absent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let [taken, absent] = [&taken, &absent].map(|listener| listener.local_addr().unwrap().port().to_string());
    let flags = ["--backends", "--detach", "--prometheus-port", &taken, "--tempo-port", &absent];
    let mut up = with_some_backends(&stack, stack.up_command(&flags));
    // nginx and PostgreSQL are looked for before ports are. A Tempo that is too old is as good as none.
    saying(&stack, "tempo", "tempo, version 1.0.0");
    let path = format!("{}:{}", stack.state().display(), std::env::var("PATH").unwrap());
    let output = up.env("PATH", path).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("port {taken} for prometheus is held by")), "{said}");
    assert!(said.contains("--prometheus-port <PORT>") && !said.contains("--tempo-port"), "{said}");
}

#[test]
fn a_port_of_a_backend_needs_backends() {
    let stack = Stack::new();
    let output = stack.up(&["--detach", "--loki-port", "3101"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("add --backends"), "{}", text(&output));
}

#[test]
fn tests_with_backends_fail_where_there_are_none() {
    let stack = Stack::new();
    let output = without_backends(&stack, stack.command(&["test", "--backends"])).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cargo stack install-backends"), "{said}");
    assert!(said.contains("0 passed, 1 failed"), "{said}");
}
