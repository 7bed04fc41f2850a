//! A child's end, output and way to stop.

use crate::{LONG, shell};
use native::process::{Exit, Identity, Process, Signal, run_to_end};
use std::time::Duration;

#[test]
fn the_exit_code_the_last_lines_and_the_log_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("script.log");
    let process = Process::start(shell("echo out; echo err >&2; exit 7").log(&log)).unwrap();
    assert_eq!(process.await_exit(LONG), Some(Exit::Code(7)));
    assert_eq!(process.last_lines(), ["out", "err"]);
    assert_eq!(std::fs::read_to_string(log).unwrap(), "out\nerr\n");
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let error = Process::start(native::process::Spec::new("none", "/nonexistent/program")).err().unwrap();
    assert!(error.to_string().contains("/nonexistent/program"), "{error}");
}

#[test]
fn a_child_that_ignores_the_request_is_killed_with_its_whole_group() {
    let mut spec = shell("trap '' TERM; sleep 1000 & echo $!; wait; wait");
    spec.stop = vec![(Signal::SIGTERM, Duration::from_millis(50))];
    let process = Process::start(spec).unwrap();
    let grandchild = loop {
        if let Some(Ok(pid)) = process.last_lines().first().map(|line| line.parse()) {
            break Identity::of(pid).unwrap();
        }
        std::thread::yield_now();
    };
    assert_eq!(process.stop(), Exit::Signal(Signal::SIGKILL as i32));
    assert!(grandchild.await_end(LONG), "the grandchild lives on");
}

#[test]
fn the_group_of_a_dead_child_is_killed() {
    let process = Process::start(shell("sleep 1000 & echo $!; kill -KILL $$")).unwrap();
    assert_eq!(process.await_exit(LONG), Some(Exit::Signal(Signal::SIGKILL as i32)));
    let grandchild: u32 = process.last_lines().first().unwrap().parse().unwrap();
    assert!(Identity::of(grandchild).is_none_or(|grandchild| grandchild.await_end(LONG)));
}

#[test]
fn a_dropped_process_is_stopped() {
    let process = Process::start(shell("exec sleep 1000")).unwrap();
    let identity = process.identity();
    assert!(identity.is_alive());
    drop(process);
    assert!(!identity.is_alive());
}

#[test]
fn a_program_run_to_its_end_gives_its_output_or_its_error() {
    assert_eq!(run_to_end(&shell("cat"), "hello").unwrap(), "hello");
    let error = run_to_end(&shell("echo broken >&2; exit 3"), "").unwrap_err().to_string();
    assert_eq!(error, "script failed (exit code 3): broken");
}
