//! What the tool refuses, and how it says so.

use crate::stack::{PORT_FLAGS, Stack, text};
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt;

#[test]
fn an_occupied_port_is_named_with_its_process_and_the_flag_that_moves_it() {
    let mut stack = Stack::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    stack.ports[0] = taken.local_addr().unwrap().port();
    let output = stack.up(&["--detach"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("(pid {})", std::process::id())), "{said}");
    assert!(said.contains(&format!("port {}", stack.ports[0])) && said.contains("--gateway-port"), "{said}");
    assert_eq!(stack.pids(), [] as [u32; 0], "nothing was started");
}

#[test]
fn bad_usage_is_refused_with_exit_code_2_before_anything_happens() {
    let stack = Stack::new();
    let bad: [&[&str]; 12] = [
        &["up", "--gateway-port", "0"],
        &["up", "--gateway-port", "70000"],
        &["up", "--gateway-port", "9000", "--user-port", "9000"],
        &["up", "--port-offset", "60000"],
        &["load", "--rate", "0"],
        &["load", "--duration", "20"],
        &["trace", "no-id"],
        &["bench"],
        &["bench", "telemetry", "--only", "everything"],
        &["bench", "telemetry", "--rounds", "0"],
        &["stop", "nobody"],
        &["no-such-verb"],
    ];
    for arguments in bad {
        let output = stack.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output));
    }
    assert!(!stack.state().join("postgres").exists());
}

#[test]
fn a_wrong_sampler_is_named_before_anything_is_started() {
    let stack = Stack::new();
    // What is no text is as wrong as any other word.
    for sampler in [OsStr::new("sometimes"), OsStr::from_bytes(b"always_\xff")] {
        let output = stack.command(&["up", "--detach"]).env("OTEL_TRACES_SAMPLER", sampler).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains("OTEL_TRACES_SAMPLER"), "{}", text(&output));
    }
}

#[test]
fn a_wrong_limit_of_the_gateway_is_named_before_anything_is_started() {
    let stack = Stack::new();
    for name in ["GATEWAY_RATE_PER_SECOND", "GATEWAY_BURST", "GATEWAY_CONNECTIONS_PER_ADDRESS", "GATEWAY_BODY_BYTES"] {
        let output = stack.up_command(&["--detach"]).env(name, "many").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(name), "{}", text(&output));
    }
    assert!(!stack.state().join("postgres").exists());
}

#[test]
fn verbs_that_need_a_stack_say_how_to_start_one() {
    let stack = Stack::new();
    let verbs: [&[&str]; 4] =
        [&["trace", "4bf92f3577b34da6a3ce929d0e0e4736"], &["load"], &["stop", "audit"], &["start", "audit"]];
    for arguments in verbs {
        let output = stack.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output).contains("cargo stack up"), "{arguments:?}: {}", text(&output));
    }
    assert_eq!(text(&stack.run(&["status", "--json"])), "[]\n");
    assert_eq!(stack.run(&["down"]).status.code(), Some(0), "there is nothing to stop, and that is no error");
}

#[test]
fn every_verb_has_a_help_with_an_example() {
    let stack = Stack::new();
    for verb in [
        "up",
        "down",
        "reset",
        "status",
        "logs",
        "stop",
        "start",
        "trace",
        "fault",
        "load",
        "bench",
        "test",
        "tidy",
        "install-backends",
    ] {
        let help = text(&stack.run(&[verb, "--help"]));
        assert!(help.contains(&format!("cargo stack {verb}")), "{help}");
    }
    let up = text(&stack.run(&["up", "--help"]));
    assert!(PORT_FLAGS.iter().all(|flag| up.contains(flag)), "{up}");
}

#[test]
fn reset_asks_and_deletes_only_what_is_ours() {
    let stack = Stack::new();
    std::fs::create_dir_all(stack.state().join("logs")).unwrap();
    std::fs::write(stack.state().join("notes.txt"), "mine").unwrap();
    let unasked = stack.run(&["reset"]);
    assert_eq!(unasked.status.code(), Some(2), "{}", text(&unasked));
    assert!(stack.state().join("logs").exists());
    assert_eq!(stack.run(&["reset", "--yes"]).status.code(), Some(0));
    assert!(!stack.state().join("logs").exists());
    assert!(stack.state().join("notes.txt").exists());
}
