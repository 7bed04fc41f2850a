//! A fault that is on.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use contracts::fault::{Fault, FaultStatus};

/// How far the place of the next request is moved within a hundred. It has no divisor in common with 100, so that a hundred
/// requests take each place once, and those that are hit lie far apart.
const STEP: u64 = 37;

/// A fault that is on, and what it has done so far.
#[derive(Debug)]
pub(crate) struct Active {
    /// What it does.
    pub(crate) fault: Fault,
    until: Instant,
    met: AtomicU64,
    changed: AtomicU64,
    /// Connections that `pool_held` has taken so far.
    pub(super) held: AtomicU32,
}

impl Active {
    /// From now on, for so long.
    pub(super) fn new(fault: Fault, time: Duration) -> Self {
        let until = Instant::now() + time;
        Self { fault, until, met: AtomicU64::new(0), changed: AtomicU64::new(0), held: AtomicU32::new(0) }
    }

    /// Until it ends by itself; zero when it has ended.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Whether it changes this request. A share is met exactly in each hundred requests, the first one
    /// among them, and without dice: who tries again sees the same.
    pub(super) fn hits(&self) -> bool {
        if self.left().is_zero() {
            return false;
        }
        match self.fault {
            Fault::Errors(percent) | Fault::Panic(percent) => {
                self.met.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP) % 100 < u64::from(percent)
            }
            Fault::Slow(_) | Fault::SlowQuery(_) | Fault::PoolHeld(_) => true,
        }
    }

    /// Counts a request that it changes.
    pub(super) fn changes_one(&self) {
        self.changed.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests that it has changed; of `pool_held` all that came while it was on, since each may have had to wait.
    pub(super) fn requests(&self) -> u64 {
        self.changed.load(Ordering::Relaxed)
    }

    /// As it is told.
    pub(super) fn status(&self) -> FaultStatus {
        FaultStatus {
            kind: self.fault.kind().name().to_owned(),
            value: self.fault.value(),
            left_ms: u64::try_from(self.left().as_millis()).unwrap_or(u64::MAX),
            requests: self.requests(),
            held: matches!(self.fault, Fault::PoolHeld(_)).then(|| self.held.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_met_exactly_in_each_hundred_requests_and_is_spread_over_them() {
        for percent in [1_u8, 10, 30, 50, 99, 100] {
            let active = Active::new(Fault::Errors(percent), Duration::from_secs(60));
            let hits: Vec<bool> = (0..300).map(|_| active.hits()).collect();
            assert!(hits[0], "the first request is hit");
            for hundred in hits.chunks(100) {
                assert_eq!(hundred.iter().filter(|hit| **hit).count(), usize::from(percent));
            }
            let longest = hits.chunk_by(|a, b| a == b).filter(|run| !run[0]).map(<[bool]>::len).max().unwrap_or(0);
            assert!(longest < 300 / usize::from(percent), "{percent}%: {longest} in a row without it");
        }
    }

    #[test]
    fn what_has_ended_hits_nothing() {
        let active = Active::new(Fault::Slow(Duration::from_secs(1)), Duration::ZERO);
        assert!(!active.hits());
        assert_eq!((active.requests(), active.status().left_ms), (0, 0));
    }
}
