//! `cargo stack fault`: faults in a stack that runs, and what is refused.

use crate::stack::{Stack, text};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The flags of the private ports.
const FLAGS: [&str; 3] = ["--user-faults-port", "--order-faults-port", "--audit-faults-port"];
/// Far beyond what anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// `up` with FAULTS=1 on free ports.
fn up(stack: &Stack) {
    let ports = FLAGS.map(|_| native::ports::free().unwrap().to_string());
    let flags: Vec<&str> = FLAGS.iter().zip(&ports).flat_map(|(flag, port)| [*flag, port]).collect();
    let up = stack.up_command(&[&["--detach"], flags.as_slice()].concat()).env("FAULTS", "1").output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
}

/// What a verb says as JSON.
fn json(stack: &Stack, arguments: &[&str]) -> Value {
    let output = stack.run(&[&["fault"], arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output)))
}

/// The faults that are on, as `order-service slow=1ms`.
fn on(stack: &Stack) -> Vec<String> {
    let list = json(stack, &["list"]);
    let told = |service: &Value| {
        let name = service["service"].as_str().unwrap().to_owned();
        let faults = service["faults"].as_array().unwrap().clone();
        let word = |fault: &Value, member: &str| fault[member].as_str().unwrap().to_owned();
        faults.into_iter().map(move |fault| format!("{name} {}={}", word(&fault, "kind"), word(&fault, "value")))
    };
    list.as_array().unwrap().iter().flat_map(told).collect()
}

#[test]
fn faults_of_a_running_stack_are_set_listed_cleared_and_end_by_themselves() {
    let stack = Stack::new();
    up(&stack);
    assert_eq!(on(&stack), [] as [&str; 0]);

    let set = stack.run(&["fault", "set", "order.slow=1ms", "order.errors=30%", "audit-service.panic=10%"]);
    assert!(set.status.success(), "{}", text(&set));
    assert!(text(&set).contains("slow=1ms") && text(&set).contains(" s left"), "{}", text(&set));
    let list = json(&stack, &["list"]);
    let faults = list.as_array().unwrap().iter().flat_map(|told| told["faults"].as_array().unwrap());
    let left: Vec<_> = faults.map(|fault| fault["left_ms"].as_u64().unwrap()).collect();
    assert!(left.iter().all(|left| (30_000..=60_000).contains(left)), "a minute unless it is told: {left:?}");
    let all = ["order-service slow=1ms", "order-service errors=30%", "audit-service panic=10%"];
    assert_eq!(on(&stack), all);
    assert!(text(&stack.run(&["fault", "list"])).contains("audit-service  panic=10%"));

    // The one that refuses is the last to be asked, and the first.
    refused(&stack, &["fault", "set", "order.slow=2s", "user.pool_held=999"], 2, "must be 10 at most");
    refused(&stack, &["fault", "set", "order.slow=2s", "audit.pool_held=999"], 2, "must be 10 at most");
    refused(&stack, &["fault", "set", "order.slow=2s", "fraud.slow=2s"], 2, "there are user-service, order-service");
    refused(&stack, &["fault", "clear", "fraud"], 2, "there are user-service, order-service");
    assert_eq!(on(&stack)[0], "order-service slow=1ms", "what is refused changes nothing where it was to come first");

    let cleared = json(&stack, &["clear", "order"]);
    assert_eq!(cleared[0]["faults"].as_array().map(Vec::len), Some(2), "{cleared}");
    assert_eq!(on(&stack), ["audit-service panic=10%"]);
    assert!(text(&stack.run(&["fault", "clear"])).contains("ended"));
    assert!(text(&stack.run(&["fault", "clear"])).contains("no fault was on"));

    let short = json(&stack, &["set", "user.slow=1ms", "--for", "5s"]);
    assert!(short[0]["faults"][0]["left_ms"].as_u64().is_some_and(|left| left <= 5_000), "{short}");
    let begun = Instant::now();
    while !on(&stack).is_empty() {
        assert!(begun.elapsed() < LONG, "{:?}", on(&stack));
    }
}

#[test]
fn a_stack_without_the_switch_says_how_to_set_it() {
    let stack = Stack::new();
    let started = stack.up(&["--detach"]);
    assert!(started.status.success(), "{}", text(&started));
    for verb in [&["fault", "list"][..], &["fault", "set", "order.slow=2s"], &["fault", "clear"]] {
        refused(&stack, verb, 2, "FAULTS=1 cargo stack up");
    }
    let second = stack.up_command(&["--detach"]).env("FAULTS", "1").output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", text(&second));
    assert!(text(&second).contains("takes no faults"), "{}", text(&second));
}

#[test]
fn what_cannot_be_is_refused_before_anybody_is_asked() {
    let stack = Stack::new();
    let url = format!("order-service=http://127.0.0.1:{}", native::ports::free().unwrap());
    refused(&stack, &["fault", "set", "order.slow=2s", "--url", &url], 2, "FAULTS=1 docker compose up -d");
    for (arguments, said) in [
        (&["order.fast=2s"][..], "there are slow, slow_query, pool_held, errors, panic"),
        (&["order.errors=101%"], "from 1% to 100%"),
        (&["order.slow=31s"], "from 1ms to 30s"),
        (&["order.slow"], "such as order.slow=2s"),
        (&["slow=2s"], "such as order.slow=2s"),
        (&["order.slow=2s", "--for", "2h"], "from 1ms to 3600s"),
        (&["order.slow=2s", "--for", "0s"], "from 1ms to 3600s"),
        (&["order.slow=2s", "--url", "nonsense"], "must be NAME=URL"),
        (&[], "<FAULT>"),
    ] {
        refused(&stack, &[&["fault", "set"], arguments].concat(), 2, said);
    }
    let wrong = stack.up_command(&["--detach"]).env("FAULTS", "yes").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong));
    assert!(text(&wrong).contains("FAULTS must be 1 (on) or 0 (off)"), "{}", text(&wrong));
}

#[test]
fn each_verb_shows_examples() {
    let stack = Stack::new();
    for verb in ["set", "list", "clear"] {
        let help = text(&stack.run(&["fault", verb, "--help"]));
        assert!(help.contains(&format!("cargo stack fault {verb}")), "{help}");
    }
}

fn refused(stack: &Stack, arguments: &[&str], code: i32, said: &str) {
    let output = stack.run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output));
    assert!(text(&output).contains(said), "{arguments:?}: {}", text(&output));
}
