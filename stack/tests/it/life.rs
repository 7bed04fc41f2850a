//! One stack from `up` to `reset`.

use crate::stack::{Stack, text};
use native::process::{Identity, Signal};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Far beyond what anything here takes; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(60);
const BODY: &str = r#"{"user_id": 1001, "action": "test_trace"}"#;

#[test]
fn a_stack_lives_from_up_to_down_and_every_request_has_a_whole_trace() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    assert!(text(&up).contains("api-gateway server POST /api/v1/process"), "{}", text(&up));
    assert!(text(&up).contains("audit-service server POST /process"), "{}", text(&up));

    a_second_up_finds_the_first(&stack);
    a_request_has_a_whole_trace(&stack);
    a_load_has_whole_traces(&stack);
    a_stopped_service_stays_away_until_it_is_started(&stack);
    a_killed_service_is_said_so_and_started_again(&stack);

    let processes: Vec<Identity> = stack.pids().into_iter().filter_map(Identity::of).collect();
    assert_eq!(processes.len(), 7);
    let down = stack.run(&["down"]);
    assert!(down.status.success(), "{}", text(&down));
    assert!(processes.iter().all(|process| !process.is_alive()), "down leaves no process");
    assert!(stack.ports.iter().all(|port| native::ports::holder(*port).is_none()), "down leaves no port");
    assert_eq!(text(&stack.run(&["status", "--json"])), "[]\n");
}

fn a_second_up_finds_the_first(stack: &Stack) {
    let before = stack.pids();
    let second = stack.up(&["--detach"]);
    assert!(second.status.success() && text(&second).contains("already up"), "{}", text(&second));
    assert_eq!(stack.pids(), before);
    let other = stack.run(&["up", "--detach", "--next", "order=http://127.0.0.1:1"]);
    assert_eq!(other.status.code(), Some(2), "{}", text(&other));
    assert!(text(&other).contains("end it first: cargo stack down"), "{}", text(&other));
}

fn a_request_has_a_whole_trace(stack: &Stack) {
    let id = request(stack);
    // Exit code 1 until the trace is whole.
    let deadline = Instant::now() + LONG;
    let tree = loop {
        let output = stack.run(&["trace", &id]);
        if output.status.success() || Instant::now() > deadline {
            break text(&output);
        }
    };
    let services = ["api-gateway", "user-service", "order-service", "audit-service"];
    assert!(services.iter().all(|name| tree.contains(name)), "{tree}");
    let json: Value = serde_json::from_slice(&stack.run(&["trace", "--json", &id]).stdout).unwrap();
    assert!(!json["resourceSpans"].as_array().unwrap().is_empty());
}

fn a_load_has_whole_traces(stack: &Stack) {
    let load = stack.run(&["load", "--rate", "10", "--duration", "2s", "--json"]);
    let report: Value = serde_json::from_slice(&load.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&load)));
    assert_eq!(
        (&report["requests"], &report["errors"], &report["traces"]["whole"]),
        (&20.into(), &0.into(), &20.into()),
        "{report}"
    );
    assert!(load.status.success());
}

fn a_stopped_service_stays_away_until_it_is_started(stack: &Stack) {
    assert!(stack.run(&["stop", "audit"]).status.success());
    let stopped = stack.process("audit-service");
    assert_eq!((&stopped["state"], &stopped["pid"]), (&"stopped".into(), &Value::Null));
    let start = stack.run(&["start", "audit-service"]);
    assert!(start.status.success(), "{}", text(&start));
    assert_eq!(stack.process("audit-service")["state"], "ready");
    request(stack);
}

fn a_killed_service_is_said_so_and_started_again(stack: &Stack) {
    let first = stack.process("order-service")["pid"].as_u64().unwrap();
    let identity = Identity::of(first.try_into().unwrap()).unwrap();
    identity.signal(Signal::SIGKILL);
    let deadline = Instant::now() + LONG;
    loop {
        let now = stack.process("order-service");
        if now["state"] == "ready" && now["pid"] != first {
            break;
        }
        assert!(Instant::now() < deadline, "{now}");
    }
    let said = std::fs::read_to_string(stack.state().join("logs/supervisor.log")).unwrap();
    assert!(said.contains("order-service died: signal 9 (SIGKILL); started again"), "{said}");
    request(stack);
}

#[test]
fn nothing_outlives_a_killed_supervisor_and_the_next_up_works() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    let said = text(&stack.up(&["--detach"]));
    let (_, pid) = said.split_once("supervisor pid ").unwrap_or_else(|| panic!("{said}"));
    let supervisor = Identity::of(pid.split(')').next().unwrap().parse().unwrap()).unwrap();
    let processes: Vec<Identity> = stack.pids().into_iter().filter_map(Identity::of).collect();
    supervisor.signal(Signal::SIGKILL);
    for process in processes {
        assert!(process.await_end(LONG), "process {} outlived its supervisor", process.pid);
    }
    let both = std::thread::scope(|scope| {
        let other = scope.spawn(|| stack.up(&["--detach"]));
        [stack.up(&["--detach"]), other.join().unwrap()]
    });
    assert!(both.iter().all(|up| up.status.success()), "{}{}", text(&both[0]), text(&both[1]));
    let found = both.iter().filter(|up| text(up).contains("already up")).count();
    assert_eq!(found, 1, "of two at once one starts and one finds: {}{}", text(&both[0]), text(&both[1]));
    request(&stack);
}

#[test]
fn a_suspended_supervisor_is_said_so_and_ended_with_all_it_keeps() {
    let stack = Stack::new();
    let up = stack.up(&["--detach"]);
    assert!(up.status.success(), "{}", text(&up));
    let said = text(&stack.up(&["--detach"]));
    let (_, pid) = said.split_once("supervisor pid ").unwrap_or_else(|| panic!("{said}"));
    let supervisor = Identity::of(pid.split(')').next().unwrap().parse().unwrap()).unwrap();
    let processes: Vec<Identity> = stack.pids().into_iter().filter_map(Identity::of).collect();
    supervisor.signal(Signal::SIGSTOP);
    let status = stack.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(text(&status).contains("cargo stack down"), "{}", text(&status));
    let down = stack.run(&["down"]);
    assert!(down.status.success(), "{}", text(&down));
    assert!(!supervisor.is_alive() && processes.iter().all(|process| !process.is_alive()));
}

#[test]
fn where_spans_go_elsewhere_the_chain_runs_and_traces_are_said_to_be_out_of_reach() {
    let stack = Stack::new();
    let mut up = stack.up_command(&["--detach"]);
    // Nobody listens there: the chain must not mind.
    let up = up.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    let id = request(&stack);
    let trace = stack.run(&["trace", &id]);
    assert_eq!(trace.status.code(), Some(1));
    let load = stack.run(&["load", "--rate", "5", "--duration", "1s"]);
    assert!(load.status.success(), "{}", text(&load));
    for output in [up, trace, load] {
        assert!(text(&output).contains("cannot be read back"), "{}", text(&output));
    }
}

#[test]
fn a_service_that_cannot_start_is_said_so_and_nothing_is_left() {
    let stack = Stack::new();
    let mut up = stack.up_command(&["--detach"]);
    let up = up.env("DATABASE_CONNECTIONS", "many").output().unwrap();
    assert_eq!(up.status.code(), Some(1), "{}", text(&up));
    assert!(text(&up).contains("DATABASE_CONNECTIONS"), "{}", text(&up));
    assert!(stack.ports.iter().all(|port| native::ports::holder(*port).is_none()));
}

#[test]
fn an_interrupt_ends_a_foreground_stack_in_order() {
    let stack = Stack::new();
    let mut up = stack.up_command(&[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(up.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told: Vec<String> = lines.by_ref().take_while(|line| !line.contains("Ctrl-C")).collect();
    assert!(told.iter().any(|line| line.contains("gateway is up")), "{told:?}");
    Identity::of(up.id()).unwrap().signal(Signal::SIGINT);
    let stopped: Vec<String> = lines.filter(|line| line.contains("is stopped")).collect();
    assert_eq!(up.wait().unwrap().code(), Some(0), "{stopped:?}");
    let order =
        ["gateway", "user-service", "order-service", "audit-service", "gateway-spans", "observatory", "postgres"];
    assert_eq!(stopped, order.map(|name| format!("ok {name} is stopped")));
    assert!(stack.ports.iter().all(|port| native::ports::holder(*port).is_none()));
}

/// The README's request; says its trace id.
fn request(stack: &Stack) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, stack.ports[0])).unwrap();
    let length = BODY.len();
    let head = format!(
        "POST /api/v1/process HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{BODY}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let id = answer.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("x-trace-id: ").map(str::to_owned));
    id.unwrap_or_else(|| panic!("{answer}")).trim().to_owned()
}
