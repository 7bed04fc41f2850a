//! What is left when the program that started everything is killed by SIGKILL: nothing.

use crate::{LONG, shell};
use native::postgres::{Cluster, Durability};
use native::process::{Identity, Process};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Tells the test below, when it runs as a process of its own, where its cluster is to be.
const HOME: &str = "TRACECHAIN_TEST_HOME";

#[test]
fn children_and_the_database_server_end_with_a_killed_supervisor() {
    if let Some(home) = std::env::var_os(HOME) {
        return run_until_killed(Path::new(&home));
    }
    let directory = tempfile::Builder::new().permissions(open_to_all()).tempdir().unwrap();
    let mut supervisor = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "death::children_and_the_database_server_end_with_a_killed_supervisor", "--nocapture"])
        .env(HOME, directory.path().join("cluster"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(supervisor.stdout.take().unwrap());
    let line = output.lines().map(Result::unwrap).find(|line| line.contains("pids ")).unwrap();
    let (_, pids) = line.split_once("pids ").unwrap();
    let children: Vec<Identity> = pids.split(' ').map(|pid| Identity::of(pid.parse().unwrap()).unwrap()).collect();
    assert_eq!(children.len(), 2);
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    for child in children {
        assert!(child.await_end(LONG), "process {} outlived its supervisor", child.pid);
    }
    let lock = directory.path().join("cluster/data/postmaster.pid");
    assert!(!lock.exists(), "the server shut down in order and removed its lock file");
}

fn run_until_killed(home: &Path) {
    let child = Process::start(shell("exec sleep 1000")).unwrap();
    let cluster = Cluster::start(home, 0, Durability::Disposable).unwrap();
    println!("pids {} {}", child.pid(), cluster.pid());
    let _ = child.await_exit(LONG);
}

fn open_to_all() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o711)
}
