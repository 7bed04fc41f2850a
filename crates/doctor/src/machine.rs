//! Whether this machine has room.

use super::finding::Report;
use nix::sys::statvfs::statvfs;
use std::path::Path;

/// Below it a write-ahead log or a queue soon has no place.
const DISK_MIB: u64 = 1024;
/// The whole stack takes less than that.
const MEMORY_MIB: u64 = 512;

/// Looks at the disk that has `directory`, and at the memory.
pub fn examine(directory: &Path, report: &mut Report) {
    if let Ok(disk) = statvfs(directory.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"))) {
        let free = disk.blocks_available() * disk.fragment_size() / (1024 * 1024);
        let seen = format!("{free} MiB are free for {}", directory.display());
        match free >= DISK_MIB {
            true => report.ok("disk", seen),
            false => report.warn("disk", seen, "make room: a full disk stops PostgreSQL, and the Collector's queue"),
        }
    }
    if let Some(available) = available_memory() {
        let seen = format!("{available} MiB are available");
        match available >= MEMORY_MIB {
            true => report.ok("memory", seen),
            false => {
                report.warn("memory", seen, "end something: programs that are short of memory are ended by the kernel")
            }
        }
    }
}

/// In MiB, as the kernel counts it (proc(5), MemAvailable).
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1024)
}
