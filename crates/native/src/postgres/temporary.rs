//! A cluster for tests: in a directory of its own, gone with it.

use super::cluster::Cluster;
use super::prepared::Durability;
use crate::process::Identity;
use crate::{Result, secret, state};
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Not /dev/shm: containers have 64 MiB of it, a cluster takes more.
const DIRECTORY: &str = "/tmp";
/// The name begins with this, then comes the pid of its process.
const PREFIX: &str = "tracechain-test-";

/// A disposable cluster. Stopped and deleted when dropped; the server also ends with this process, and the
/// files are then deleted by the next one.
pub struct TemporaryCluster {
    cluster: Option<Cluster>,
    home: PathBuf,
}

impl TemporaryCluster {
    /// Makes and starts one on a free port: about a second.
    pub fn start() -> Result<Self> {
        let parent = Path::new(DIRECTORY);
        delete_leftovers(parent);
        let suffix: String = secret::generate()?.chars().take(8).collect();
        let home = parent.join(format!("{PREFIX}{}-{suffix}", std::process::id()));
        state::create(&home)?;
        let mut temporary = Self { cluster: None, home };
        temporary.cluster = Some(Cluster::start(&temporary.home, 0, Durability::Disposable)?);
        Ok(temporary)
    }

    /// Stops the server, for tests of those who need it. Its files stay.
    pub fn stop(&mut self) -> u16 {
        self.cluster.take().map_or(0, |cluster| cluster.port())
    }

    /// Starts a stopped server again, on the port that [`TemporaryCluster::stop`] told.
    pub fn start_again(&mut self, port: u16) -> Result<()> {
        self.cluster = Some(Cluster::start(&self.home, port, Durability::Disposable)?);
        Ok(())
    }
}

impl Deref for TemporaryCluster {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster.as_ref().unwrap_or_else(|| unreachable!("nobody asks a stopped server"))
    }
}

impl Drop for TemporaryCluster {
    fn drop(&mut self) {
        self.cluster.take();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Deletes what processes left that are gone: a static is not dropped, and a killed process drops nothing.
fn delete_leftovers(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split_once('-')?.0.parse::<u32>().ok());
        // A server that is just ending still writes.
        let server = fs::read_to_string(entry.path().join("data/postmaster.pid")).ok();
        let server = server.and_then(|lock| lock.lines().next()?.trim().parse().ok());
        if owner.is_some_and(|owner| [Some(owner), server].into_iter().flatten().all(is_gone)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_gone(pid: u32) -> bool {
    Identity::of(pid).is_none()
}
