//! Having nginx begin its log anew.

use crate::notice;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the file before the current one is: one is kept.
pub(super) fn old_path(path: &Path) -> PathBuf {
    let mut old = path.as_os_str().to_owned();
    old.push(".1");
    old.into()
}

/// Sends USR1 to nginx's master, upon which all its processes open the log by its name. Without an nginx there is
/// nothing to do: the next one opens it by itself.
pub(super) fn reopen(pid_file: &Path) {
    let pid = fs::read_to_string(pid_file).ok().and_then(|text| text.trim().parse().ok());
    // The file outlives an nginx that was killed, and USR1 ends a process that does not expect it.
    let Some(master) = pid.filter(|pid| is_nginx(*pid)) else { return };
    if let Err(error) = kill(Pid::from_raw(master), Signal::SIGUSR1) {
        let fields = [("pid", master.into()), ("error", error.to_string().into())];
        notice::error("nginx cannot be told to reopen its log, which grows beyond its bound", &fields);
    }
}

fn is_nginx(pid: i32) -> bool {
    pid > 0 && fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"nginx: master"))
}
