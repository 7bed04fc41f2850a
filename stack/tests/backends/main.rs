//! `cargo stack up --backends` with the real programs: one stack from `up` to `down`. Skipped by name where Collector or
//! Prometheus is missing, which libtest cannot.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

// The other tests of the tool need more of it.
#[allow(dead_code)]
#[path = "../it/stack.rs"]
mod stack;

use libtest_mimic::{Arguments, Completion, Trial};
use native::backends::{Ports, Program};
use native::process::Identity;
use serde_json::Value;
use stack::{Stack, text};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Far beyond what a service graph takes to be in Prometheus; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(90);
/// How often Prometheus is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// Who calls whom, by what the Collector counts.
const EDGES: &str = "sum%20by%20(client,server)(traces_service_graph_request_total%7Bsource=%22collector%22%7D)";
/// All of them: client and server.
const SEVEN: [(&str, &str); 7] = [
    ("user", "api-gateway"),
    ("api-gateway", "user-service"),
    ("user-service", "order-service"),
    ("order-service", "audit-service"),
    ("user-service", "postgresql"),
    ("order-service", "postgresql"),
    ("audit-service", "postgresql"),
];

fn main() -> ExitCode {
    let name = "up::the_first_request_makes_seven_edges_and_down_leaves_nothing";
    let trial = Trial::ignorable_test(name, || {
        for program in [Program::Collector, Program::Prometheus] {
            if program.find().is_err() {
                let (name, cure) = (program.name(), program.cure());
                return Ok(Completion::ignored_with(format!("skipped: needs {name} ({cure})")));
            }
        }
        the_first_request_makes_seven_edges_and_down_leaves_nothing();
        Ok(Completion::Completed)
    });
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn the_first_request_makes_seven_edges_and_down_leaves_nothing() {
    let stack = Stack::new();
    let ports = Ports::free().unwrap();
    let up = up(&stack, &ports);
    assert!(up.contains("api-gateway server POST /api/v1/process"), "{up}");
    assert!(up.contains("audit-service server POST /process"), "{up}");
    for (program, name) in [(Program::Tempo, "Tempo"), (Program::Loki, "Loki")] {
        let link_or_reason =
            if program.find().is_ok() { format!("\n{name} ") } else { format!("!! {name}: not found; ") };
        assert!(up.contains(&link_or_reason), "{up}");
    }
    let status: Value = serde_json::from_slice(&stack.run(&["status", "--json"]).stdout).unwrap();
    for name in ["otel-collector", "prometheus", "observatory"] {
        let process = status.as_array().unwrap().iter().find(|process| process["name"] == name);
        assert_eq!(process.unwrap_or(&Value::Null)["state"], "ready", "{name}: {status}");
    }
    await_edges(&ports);
    let second = stack.run(&["up", "--backends", "--detach", "--no-build"]);
    assert!(text(&second).contains("already up"), "{}", text(&second));

    let processes: Vec<Identity> = stack.pids().into_iter().filter_map(Identity::of).collect();
    let down = stack.run(&["down"]);
    assert!(down.status.success(), "{}", text(&down));
    assert!(processes.len() >= 9 && processes.iter().all(|process| !process.is_alive()), "down leaves no process");
    let held = |port: u16| native::ports::holder(port).is_some();
    assert!(!ports.all().iter().any(|(port, _)| held(*port)), "down leaves no port");
}

/// Starts it on these ports; says what it said.
fn up(stack: &Stack, ports: &Ports) -> String {
    let flags = [
        ("--collector-health-port", ports.collector_health),
        ("--collector-metrics-port", ports.collector_metrics),
        ("--observatory-otlp-grpc-port", ports.observatory_grpc),
        ("--observatory-otlp-http-port", ports.observatory_http),
        ("--prometheus-port", ports.prometheus),
        ("--tempo-port", ports.tempo_http),
        ("--tempo-grpc-port", ports.tempo_grpc),
        ("--tempo-otlp-grpc-port", ports.tempo_otlp_grpc),
        ("--tempo-otlp-http-port", ports.tempo_otlp_http),
        ("--loki-port", ports.loki_http),
        ("--loki-grpc-port", ports.loki_grpc),
    ];
    let mut command = stack.up_command(&["--backends", "--detach"]);
    for (flag, port) in flags {
        command.arg(flag).arg(port.to_string());
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// Waits until Prometheus has the seven edges; there must never be another one.
fn await_edges(ports: &Ports) {
    let expected: BTreeSet<(String, String)> = SEVEN.map(|(client, server)| (client.into(), server.into())).into();
    let deadline = Instant::now() + LONG;
    loop {
        let found = edges(ports);
        assert!(found.is_subset(&expected), "{found:?}");
        if found == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{found:?}");
        std::thread::sleep(ASK_EVERY);
    }
}

fn edges(ports: &Ports) -> BTreeSet<(String, String)> {
    let mut stream = TcpStream::connect(Ports::address(ports.prometheus)).unwrap();
    // HTTP/1.0: the answer ends with the connection.
    stream
        .write_all(format!("GET /api/v1/query?query={EDGES} HTTP/1.0\r\nHost: prometheus\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{answer}");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let label = |series: &Value, name: &str| series["metric"][name].as_str().unwrap_or_default().to_owned();
    let series = body["data"]["result"].as_array().cloned().unwrap_or_default();
    series.iter().map(|series| (label(series, "client"), label(series, "server"))).collect()
}
