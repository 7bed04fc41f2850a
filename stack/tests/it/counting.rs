//! `cargo stack test` with a cargo that only prints: what it runs, and what it counts.

use crate::stack::{Stack, text};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A program in the place of cargo; it notes its arguments and does this for `cargo test`.
fn cargo(stack: &Stack, test: &str) -> PathBuf {
    let path = stack.state().join("cargo");
    let noted = stack.state().join("noted").display().to_string();
    let script = format!("#!/bin/sh\necho \"$@\" >>{noted}\ncase $1 in test) {test} ;; esac\n");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn last_line(said: &str) -> &str {
    said.trim_end().lines().next_back().unwrap_or_default()
}

#[test]
fn all_checks_and_tests_are_counted_in_the_very_last_line() {
    let stack = Stack::new();
    let results = "echo 'test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s'";
    let output = stack.command(&["test"]).env("CARGO", cargo(&stack, results)).output().unwrap();
    let noted = std::fs::read_to_string(stack.state().join("noted")).unwrap();
    let ran: Vec<&str> = noted.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(ran, ["fmt", "clippy", "test"]);
    assert!(noted.contains("clippy --workspace --all-targets --profile stack -- -D warnings"), "{noted}");
    let said = text(&output);
    let count = last_line(&said);
    // Five tests, format, lints, and whichever of the tidy checks hold for this checkout.
    assert!(count.contains(" passed, ") && count.ends_with(" failed, 1 skipped"), "{said}");
    let numbers: Vec<u32> = count.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers.iter().sum::<u32>(), 5 + 2 + 6 + 1, "{count}");
}

#[test]
fn what_does_not_compile_is_one_failure() {
    let stack = Stack::new();
    let output = stack.command(&["test", "some_name"]).env("CARGO", cargo(&stack, "exit 101")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(last_line(&text(&output)), "0 passed, 1 failed");
}

#[test]
fn a_failed_test_is_a_failed_run() {
    let stack = Stack::new();
    let results = "echo 'test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out'; exit 101";
    let output = stack.command(&["test", "some_name"]).env("CARGO", cargo(&stack, results)).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(last_line(&text(&output)), "2 passed, 1 failed");
    let noted = std::fs::read_to_string(stack.state().join("noted")).unwrap();
    assert_eq!(noted, "test --workspace --profile stack --no-fail-fast some_name\n");
}
