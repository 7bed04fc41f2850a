//! Which processes run, on disk: for the day when the supervisor itself is gone.

use native::process::Identity;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const FILE: &str = "running.json";
/// Start times count from boot; after another boot they mean nothing.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The supervisor and its processes.
#[derive(Serialize, Deserialize)]
pub struct Record {
    boot: String,
    supervisor: Option<Entry>,
    processes: Vec<(String, Entry)>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Entry {
    pid: u32,
    started_ticks: u64,
}

impl From<Identity> for Entry {
    fn from(identity: Identity) -> Self {
        Self { pid: identity.pid, started_ticks: identity.started_ticks }
    }
}

impl From<Entry> for Identity {
    fn from(entry: Entry) -> Self {
        Self { pid: entry.pid, started_ticks: entry.started_ticks }
    }
}

impl Record {
    /// Writes it whole or not at all.
    pub fn write(
        state: &Path,
        supervisor: Option<Identity>,
        processes: impl Iterator<Item = (String, Identity)>,
    ) -> std::io::Result<()> {
        let record = Self {
            boot: boot(),
            supervisor: supervisor.map(Entry::from),
            processes: processes.map(|(name, identity)| (name, identity.into())).collect(),
        };
        let partial = path(state).with_extension("partial");
        fs::write(&partial, serde_json::to_vec(&record)?)?;
        fs::rename(partial, path(state))
    }

    /// What was written last in this boot.
    pub fn read(state: &Path) -> Option<Self> {
        let record: Self = serde_json::from_slice(&fs::read(path(state)).ok()?).ok()?;
        (record.boot == boot()).then_some(record)
    }

    /// Everything has ended.
    pub fn remove(state: &Path) {
        let _ = fs::remove_file(path(state));
    }

    /// The supervisor, if it still runs.
    pub fn supervisor(&self) -> Option<Identity> {
        self.supervisor.map(Identity::from).filter(Identity::is_alive)
    }

    /// The processes that still run.
    pub fn processes(&self) -> Vec<(&str, Identity)> {
        let alive = self.processes.iter().map(|(name, entry)| (name.as_str(), Identity::from(*entry)));
        alive.filter(|(_, identity)| identity.is_alive()).collect()
    }
}

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

fn boot() -> String {
    fs::read_to_string(BOOT_ID).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_only_what_still_runs() {
        let state = tempfile::tempdir().unwrap();
        let ourselves = Identity::of(std::process::id()).unwrap();
        let gone = Identity { started_ticks: ourselves.started_ticks + 1, ..ourselves };
        let processes = [("alive".to_owned(), ourselves), ("gone".to_owned(), gone)];
        Record::write(state.path(), Some(gone), processes.into_iter()).unwrap();
        let record = Record::read(state.path()).unwrap();
        assert_eq!(record.supervisor(), None);
        assert_eq!(record.processes(), [("alive", ourselves)]);
        Record::remove(state.path());
        assert!(Record::read(state.path()).is_none());
    }
}
