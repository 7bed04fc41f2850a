//! Every field of every line that the services log, held against docs/TELEMETRY.md: a run in which much fails.
//!
//! That the table has every field of the sources, and no others, is tested where the documents are; this is about what really
//! stands in a line, whoever wrote it.

use crate::stack::{Stack, text};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

const DOCUMENT: &str = "docs/TELEMETRY.md";
const HEADING: &str = "### Fields of log records";
const SERVICES: [&str; 3] = ["user-service", "order-service", "audit-service"];
/// What every line may have besides; the prose above the table names them.
const ALWAYS: [&str; 5] = ["timestamp", "level", "target", "service.name", "message"];
const OF_A_TRACE: [&str; 2] = ["trace_id", "span_id"];
/// What does not come up in this run, and why. What does come up has no place here.
const ABSENT: [(&[&str], &str); 6] = [
    (&["place", "thread", "backtrace"], "no handler panics by itself"),
    (&["metric"], "nor does a gauge"),
    (&["orders", "order_id"], "an order is left behind by a database that goes away between two statements"),
    (&["rejected"], "our own store takes every span that a service makes"),
    (&["fault", "for_ms", "requests", "cleared"], "faults are off unless they are asked for"),
    (&["bytes", "spooled", "on_disk", "spool_lost"], "nothing goes to the disk unless a directory is named"),
];
/// So small that a few requests fill it, and so short that a loss is one soon.
const HASTE: [(&str, &str); 5] = [
    ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16"),
    ("OTEL_BSP_EXPORT_TIMEOUT", "500"),
    // Without effect, which is said.
    ("OTEL_LOG_LEVEL", "debug"),
    ("RUST_LOG", "info,chassis=debug"),
];
/// What a service says once spans have been lost for want of room.
const FULL: &str = "the queue is full";
/// And once the receiver has taken some again.
const BACK: &str = "telemetry is delivered again";
/// Far beyond what anything here takes.
const LONG: Duration = Duration::from_secs(60);
/// Between two looks at a log.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[test]
fn every_field_of_a_line_is_documented_and_every_field_that_can_come_up_does() {
    let stack = Stack::new();
    let up = stack.up_command(&["--detach"]).envs(HASTE).output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    much_fails(&stack);

    let documented = documented();
    let mut seen = BTreeSet::new();
    for service in SERVICES {
        for line in lines(&stack, service) {
            for name in ALWAYS {
                assert!(line.contains_key(name), "{service}: a line without {name}: {line:?}");
            }
            assert_eq!(line["service.name"], service);
            let own: Vec<_> = line.keys().filter(|name| !is_usual(name)).cloned().collect();
            for name in &own {
                assert!(documented.contains(name), "{DOCUMENT} does not have {name}, {service} does: {line:?}");
            }
            seen.extend(own);
        }
    }
    let absent: BTreeSet<String> = documented.difference(&seen).cloned().collect();
    let named = ABSENT.iter().flat_map(|(names, _)| names.iter());
    let expected: BTreeSet<String> =
        named.filter(|name| documented.contains(**name)).map(|name| (*name).to_owned()).collect();
    assert_eq!(absent, expected, "what never came up on the left, what cannot come up here on the right");
}

/// A refusal, a failure, a service that is away, a receiver that is away, and a database that is.
fn much_fails(stack: &Stack) {
    assert_eq!(get(stack, "/api/v1/error"), 500);
    assert_eq!(get(stack, "/api/v1/users/5"), 404);
    assert!(stack.run(&["stop", "observatory"]).status.success());
    // However many requests it takes until more spans wait than there is room for: on a slow machine fewer come while a
    // batch is held.
    let begun = Instant::now();
    while !log(stack, "user-service").contains(FULL) {
        assert!(begun.elapsed() < LONG, "never {FULL:?}: {}", log(stack, "user-service"));
        assert_eq!(get(stack, "/api/v1/users/1001"), 200);
    }
    said(stack, "user-service", "telemetry cannot be delivered");
    // Ends with spans that nobody took.
    assert!(stack.run(&["stop", "order-service"]).status.success());
    assert!(stack.run(&["start", "observatory"]).status.success());
    // The news that it is back comes with the next batch that it takes in time.
    let begun = Instant::now();
    while !log(stack, "user-service").contains(BACK) {
        assert!(begun.elapsed() < LONG, "never {BACK:?}: {}", log(stack, "user-service"));
        assert_eq!(get(stack, "/api/v1/users/1001"), 200);
    }
    assert!(stack.run(&["stop", "user-service"]).status.success());
    said(stack, "user-service", "not every span was delivered");
    // Without its database a service starts, waits and says so; `start` would wait with it.
    assert!(stack.run(&["stop", "audit-service"]).status.success());
    said(stack, "audit-service", "delivered");
    assert!(stack.run(&["stop", "postgres"]).status.success());
    let mut start = stack.command(&["start", "audit-service"]).spawn().unwrap();
    said(stack, "audit-service", "waiting for the database");
    start.kill().unwrap();
    start.wait().unwrap();
}

/// Waits until a line of a service's log has this.
fn said(stack: &Stack, service: &str, words: &str) {
    let deadline = Instant::now() + LONG;
    while !log(stack, service).contains(words) {
        assert!(Instant::now() < deadline, "{service} does not say {words:?}: {}", log(stack, service));
        std::thread::sleep(LOOK_EVERY);
    }
}

fn log(stack: &Stack, service: &str) -> String {
    fs::read_to_string(stack.state().join(format!("logs/{service}.log"))).unwrap_or_default()
}

/// A service's lines, the whole ones; everything that it writes is one.
fn lines(stack: &Stack, service: &str) -> Vec<Map<String, Value>> {
    let log = log(stack, service);
    let whole = log.lines().filter(|line| !line.is_empty());
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{service}: {error}: {line}"));
    let lines: Vec<_> = whole.map(line).collect();
    assert!(!lines.is_empty(), "{service} has no log");
    lines
}

fn is_usual(name: &str) -> bool {
    ALWAYS.contains(&name) || OF_A_TRACE.contains(&name)
}

/// The first cells of the table.
fn documented() -> BTreeSet<String> {
    let document = fs::read_to_string(native::state::checkout().join(DOCUMENT)).unwrap();
    let (_, section) = document.split_once(HEADING).unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let names: BTreeSet<_> = rows.filter_map(|row| row.split('`').nth(1)).map(str::to_owned).collect();
    assert!(names.len() > 20, "the table has changed: {names:?}");
    names
}

/// A request through the gateway; its answer's status.
fn get(stack: &Stack, path: &str) -> u16 {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, stack.ports[0])).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}
