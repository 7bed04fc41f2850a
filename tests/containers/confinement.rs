//! What a container may do, as the kernel has it and not as a file asks for it.

use crate::containers::Container;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};

/// Where the engine has a machine of its own, as on a Mac.
const OUT_OF_SIGHT: &str = "the engine's processes are not to be seen from here";

fn running(stack: &Stack) -> Vec<Container> {
    stack.containers().expect("an answer").into_iter().filter(|container| container.running).collect()
}

/// The value of a line such as `NoNewPrivs: 1`.
fn line<'a>(status: &'a str, name: &str) -> &'a str {
    let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("no {name} in {status}")).trim()
}

/// Each of them: its user, no capability, no way to get any, and a root file system that it cannot write to.
pub async fn no_container_has_rights_that_it_does_not_need() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    println!("{:16} {:>6} {:>6} {:>6} {:>12} root", "container", "uid", "CapEff", "CapBnd", "NoNewPrivs");
    for container in running(&stack) {
        let service = &container.service;
        let (Some(status), Some(mounts)) = (container.of_process("status"), container.of_process("mountinfo")) else {
            return Outcome::Skipped(OUT_OF_SIGHT);
        };
        let uid = line(&status, "Uid").split_whitespace().next().unwrap_or_default();
        let of = |name| u64::from_str_radix(line(&status, name), 16).expect("a mask");
        // Fields of proc(5): the fifth is where it is mounted, the sixth how.
        let root = mounts.lines().find(|mount| mount.split(' ').nth(4) == Some("/")).expect("a root");
        let how = root.split(' ').nth(5).unwrap_or_default();
        println!(
            "{service:16} {uid:>6} {:>6x} {:>6x} {:>12} {how}",
            of("CapEff"),
            of("CapBnd"),
            line(&status, "NoNewPrivs")
        );
        assert_eq!(Some(uid), container.user.split(':').next(), "{service}");
        assert_ne!(uid, "0", "{service} runs as root");
        assert_eq!((of("CapEff"), of("CapPrm"), of("CapBnd")), (0, 0, 0), "{service} has capabilities");
        assert_eq!(line(&status, "NoNewPrivs"), "1", "{service} can gain rights");
        assert!(how.split(',').any(|option| option == "ro"), "{service}: its root is mounted {how}");
    }
    Outcome::Passed
}

/// By the control group that its first process is in.
pub async fn every_limit_of_memory_is_the_kernel_s_too() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    for container in running(&stack) {
        let Some(limit) = limit(&container) else { return Outcome::Skipped(OUT_OF_SIGHT) };
        assert!(container.memory_bytes > 0, "{} has no limit", container.service);
        assert_eq!(limit, container.memory_bytes, "{}", container.service);
    }
    Outcome::Passed
}

/// The first and the second version of control groups have it in different files.
fn limit(container: &Container) -> Option<u64> {
    let groups = container.of_process("cgroup")?;
    let path = |line: &str| line.splitn(3, ':').nth(2).map(str::to_owned);
    let first = groups.lines().find(|line| line.contains(":memory:")).and_then(path);
    let second = groups.lines().find(|line| line.starts_with("0::")).and_then(path);
    let file = match (first, second) {
        (Some(group), _) => format!("/sys/fs/cgroup/memory{group}/memory.limit_in_bytes"),
        (None, Some(group)) => format!("/sys/fs/cgroup{group}/memory.max"),
        (None, None) => return None,
    };
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}
