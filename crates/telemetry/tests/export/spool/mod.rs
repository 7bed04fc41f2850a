//! Receivers that are away for longer than memory lasts: spans wait on the disk.

mod away;
mod bounds;
mod broken;
mod killed;
mod logs;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use telemetry::Telemetry;
use testkit::{Receiver, Reply};

use crate::ledger::{Ledger, Spool};
use crate::log::Log;
use crate::pipeline::{pipeline, spans};

/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// How long a receiver is away that the same process comes back to: so long that all is on the disk by then, also on a machine that
/// stands still for a moment.
const AWAY_SECONDS: &str = "2";

/// Starts one with a spool: batches of ten, one under way, and short patience, so that what goes to the disk is in order.
fn spooling(receiver: &Receiver, directory: &Path, variables: &[(&str, &str)]) -> Telemetry {
    let directory = directory.to_str().expect("a plain path");
    let usual = [
        ("TELEMETRY_SPOOL_DIRECTORY", directory),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
        ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "1"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "1"),
    ];
    let variables: Vec<_> = variables.iter().copied().chain(usual).collect();
    pipeline(&receiver.endpoint(), &variables)
}

/// It is left alone for as long as it wants. Nobody asks meanwhile whether it is back: the batch with which somebody does comes to
/// the disk behind later ones.
fn busy() -> Reply {
    Reply::Status(429, vec![("retry-after", "60".to_owned())])
}

/// A process that makes so many spans while the receiver is away, and ends: their names, and what it says at its end.
fn leaves(receiver: &Receiver, directory: &Path, count: usize) -> (Vec<String>, Vec<String>) {
    receiver.answer_always(busy());
    let telemetry = spooling(receiver, directory, &[]);
    let names = spans(&telemetry, count);
    (names, Log::of(|| telemetry.shutdown().expect("none is lost")))
}

/// All segments in the directory, whoever has written them, the oldest first.
fn segments(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| match path.is_dir() {
        true => segments(&path),
        false => vec![path],
    };
    let mut segments: Vec<_> = entries.flat_map(of).filter(|path| path.extension().is_some()).collect();
    segments.sort();
    segments
}

/// What the disk's part of the ledger says.
fn spool_of(telemetry: &Telemetry) -> Spool {
    Ledger::of(telemetry).spool.expect("there is one")
}

/// Waits until nothing is left on the disk, and gives back what became of it.
fn emptied(telemetry: &Telemetry) -> Spool {
    // It is open when this is answered.
    let _ = telemetry.flush();
    let begun = Instant::now();
    loop {
        let spool = spool_of(telemetry);
        if spool.records == 0 && spool.bytes == 0 {
            return spool;
        }
        assert!(begun.elapsed() < LIMIT, "it is not empty within {LIMIT:?}: {spool:?}");
        std::thread::yield_now();
    }
}

/// Waits until the disk's part of the ledger says that so many were taken from it: the end does not wait for that.
fn delivered(telemetry: &Telemetry, spans: u64) {
    wait_for(|| spool_of(telemetry).delivered == spans);
}

/// Waits until that is so.
fn wait_for(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "it is not so within {LIMIT:?}");
        std::thread::yield_now();
    }
}

/// Names of all spans that arrived, in the order in which they did.
fn arrived(receiver: &Receiver) -> Vec<String> {
    receiver.spans().into_iter().map(|span| span.name).collect()
}
