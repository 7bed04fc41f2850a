//! The disk of the Collector's queue is full: it says so, counts what it refuses, and lives on.

use std::path::Path;
use std::process::Command;

use native::backends::Ports;
use tempfile::TempDir;
use testkit::Client;

use crate::collector_metrics::CollectorMetrics;
use crate::harness::Plan;
use crate::runner::Outcome;
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts};
use crate::wait::until;

/// Room for the empty queue and a few dozen traces.
const DISK: &str = "size=512k";
/// More than has room.
const ROUNDS: usize = 200;
/// What is sent between two looks.
const ROUND: Counts = Counts { whole: 10, failing: 0, unknown_user: 0, no_route: 0 };

/// A disk of its own, in memory.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// Only root may mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder.path()).output().ok()?;
        mounted.status.success().then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The Collector may still be ending: the kernel lets go of the disk when it has.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

/// Nothing listens where the Collector sends traces, so all of them go to the disk.
pub async fn the_collector_says_it_counts_it_and_lives_on() -> Outcome {
    let Some(disk) = SmallDisk::mount() else {
        return Outcome::Skipped("needs a small disk, which only root can mount");
    };
    let mut set = Set::start(&Wanted { queue: Some(disk.path().join("queue")), ..Wanted::default() }).await;
    set.stop_observatory().await;
    let chain = Plan { endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await;
    let metrics = Client::new(Ports::address(set.settings.ports.collector_metrics));
    let mut refused = 0.0;
    for _ in 0..ROUNDS {
        traffic::send(&chain, ROUND).await;
        refused = CollectorMetrics::of(&metrics).await.sum("otelcol_exporter_enqueue_failed_spans", "otlp_grpc/tempo");
        if refused > 0.0 {
            break;
        }
    }
    assert!(refused > 0.0, "the disk never got full");
    let log = set.collector_log();
    assert!(log.contains("no space left on device"), "the log says nothing of it: {log}");
    assert!(set.collector.is_alive(), "it has ended");
    // It goes on with what has room, once there is some.
    set.start_observatory().await;
    let answer = chain.plain().await;
    set.observatory().expect(answer.trace_id(), crate::outlines::WHOLE).await;
    until("the queue is empty", async || {
        let queued = CollectorMetrics::of(&metrics).await.sum("otelcol_exporter_queue_size", "otlp_grpc/tempo");
        if queued == 0.0 { Ok(()) } else { Err(format!("{queued} wait")) }
    })
    .await;
    Outcome::Passed
}
