//! A process that is kept running.

use crate::{LONG, shell};
use native::process::{Identity, Notice, NoticeKind, Plan, Signal, Spec, State, Supervised};
use std::sync::mpsc::{Receiver, channel};

fn supervise(spec: Spec) -> (Supervised, Receiver<Notice>) {
    let (sender, notices) = channel();
    let plan = Plan { name: spec.name.clone(), spec: Box::new(move || Ok(spec.clone())), ready: None };
    (Supervised::start(plan, move |notice| drop(sender.send(notice))), notices)
}

fn next(notices: &Receiver<Notice>) -> NoticeKind {
    notices.recv_timeout(LONG).unwrap().kind
}

#[test]
fn a_killed_process_is_said_so_with_its_last_words_and_started_again() {
    let (process, notices) = supervise(shell("echo last words; exec sleep 1000"));
    let NoticeKind::Started(first) = next(&notices) else { panic!("not started") };
    assert!(matches!(next(&notices), NoticeKind::Up(_)));
    let identity = process.now().1.unwrap();
    assert_eq!(identity.pid, first);
    await_line(first);
    identity.signal(Signal::SIGKILL);
    let NoticeKind::Died { reason, last_lines, restart_in } = next(&notices) else { panic!("no death") };
    assert_eq!(reason, "signal 9 (SIGKILL)");
    assert_eq!(last_lines, ["last words"]);
    assert!(restart_in.is_some());
    let NoticeKind::Started(second) = next(&notices) else { panic!("not started again") };
    assert_ne!(first, second);
    process.await_up(LONG).unwrap();
    assert_eq!(process.now().0, State::Running);
}

/// Returns once the shell has become `sleep`, so that its line is written.
fn await_line(pid: u32) {
    while std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap().trim() != "sleep" {
        std::thread::yield_now();
    }
}

#[test]
fn a_stopped_process_stays_stopped_until_it_is_started() {
    let (process, notices) = supervise(shell("exec sleep 1000"));
    process.await_up(LONG).unwrap();
    let first = process.now().1.unwrap();
    process.stop();
    assert_eq!(process.now(), (State::Stopped, None));
    assert!(!first.is_alive());
    assert!(process.await_up(LONG).is_err(), "it was stopped, waiting for it is in vain");
    process.restart();
    process.await_up(LONG).unwrap();
    assert!(process.now().1.unwrap().is_alive());
    let kinds: Vec<_> = notices.try_iter().map(|notice| notice.kind).collect();
    assert!(!kinds.iter().any(|kind| matches!(kind, NoticeKind::Died { .. })), "{kinds:?}");
}

#[test]
fn readiness_is_asked_until_it_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let flag = directory.path().join("ready");
    let asked = flag.clone();
    let plan = Plan {
        name: "slow".into(),
        spec: Box::new(|| Ok(shell("exec sleep 1000"))),
        ready: Some(Box::new(move |_| if asked.exists() { Ok(()) } else { Err("not yet".into()) })),
    };
    let process = Supervised::start(plan, |_| {});
    let error = process.await_up(std::time::Duration::from_millis(200)).unwrap_err().to_string();
    assert!(error.contains("slow was not ready"), "{error}");
    std::fs::write(flag, "").unwrap();
    process.await_up(LONG).unwrap();
    assert_eq!(process.now().0, State::Ready);
}

#[test]
fn a_dropped_supervision_leaves_no_process() {
    let (process, _notices) = supervise(shell("exec sleep 1000"));
    process.await_up(LONG).unwrap();
    let identity: Identity = process.now().1.unwrap();
    drop(process);
    assert!(!identity.is_alive());
}
