//! `cargo stack test` with a cargo that only prints: what it runs, and what it counts.

use crate::stack::{Stack, text};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A program in the place of cargo; it notes its arguments and does this for `cargo test`.
fn cargo(stack: &Stack, test: &str) -> PathBuf {
    let noted = stack.state().join("noted").display().to_string();
    stand_in(stack, "cargo", &format!("echo \"$@\" >>{noted}\ncase $1 in test) {test} ;; esac"))
}

/// A script of this name, and where it is.
fn stand_in(stack: &Stack, name: &str, script: &str) -> PathBuf {
    let path = stack.state().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
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
    stand_in(&stack, "node", "printf '# pass 3\\n# fail 0\\n'");
    let path = format!("{}:{}", stack.state().display(), std::env::var("PATH").unwrap_or_default());
    let output = stack.command(&["test"]).env("CARGO", cargo(&stack, results)).env("PATH", path).output().unwrap();
    let noted = std::fs::read_to_string(stack.state().join("noted")).unwrap();
    let ran: Vec<&str> = noted.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(ran, ["fmt", "clippy", "test"]);
    assert!(noted.contains("clippy --workspace --all-targets -- -D warnings"), "{noted}");
    let said = text(&output);
    let count = last_line(&said);
    // Five tests, three of the page, format, lints, and whichever of the tidy checks hold for this checkout.
    assert!(count.contains(" passed, ") && count.ends_with(" failed, 1 skipped"), "{said}");
    let numbers: Vec<u32> = count.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers.iter().sum::<u32>(), 5 + 3 + 2 + 7 + 1, "{count}");
}

#[test]
fn what_was_skipped_is_named_before_the_count() {
    let stack = Stack::new();
    let results = "echo 'test tempo::opens ... ignored (skipped: needs tempo (TEMPO_BIN or PATH))'; \
        echo 'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out'";
    let program = stand_in(&stack, "program", "");
    let mut test = stack.command(&["test", "--backends", "tempo"]);
    test.env("CARGO", cargo(&stack, results)).env("OTELCOL_BIN", &program).env("PROMETHEUS_BIN", &program);
    let output = test.env_remove("TEMPO_BIN").env_remove("LOKI_BIN").output().unwrap();
    let said = text(&output);
    assert!(said.contains("\n!! skipped: tempo::opens (needs tempo (TEMPO_BIN or PATH))\n"), "{said}");
    assert_eq!(last_line(&said), "2 passed, 0 failed, 1 skipped");
    let noted = std::fs::read_to_string(stack.state().join("noted")).unwrap();
    assert_eq!(noted, "test --package chain-tests --package stack --test backends --no-fail-fast tempo\n");
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
    assert_eq!(noted, "test --workspace --no-fail-fast some_name\n");
}
