//! Counts of durations between given boundaries, recorded without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::exemplar::{Candidate, Exemplar, Slot};

/// Recording touches one bucket and the sum; cumulative counts are made when they are read.
#[derive(Debug)]
pub(crate) struct Histogram {
    boundaries: &'static [f64],
    /// One more than boundaries: the last one counts what is above them all.
    buckets: Box<[AtomicU64]>,
    sum_nanos: AtomicU64,
    /// As many as buckets, or none where no exemplars are kept.
    exemplars: Box<[Slot]>,
}

/// One look at a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counts {
    pub(super) boundaries: &'static [f64],
    /// Of each bucket alone.
    pub(super) buckets: Vec<u64>,
    pub(super) sum: Duration,
    /// Of each bucket, where it has one.
    pub(super) exemplars: Vec<Option<Exemplar>>,
}

impl Histogram {
    /// One without a value. `boundaries` are in seconds and rise.
    pub(crate) fn new(boundaries: &'static [f64], exemplars: bool) -> Self {
        let buckets = boundaries.len() + 1;
        Self {
            boundaries,
            buckets: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            sum_nanos: AtomicU64::new(0),
            exemplars: (0..if exemplars { buckets } else { 0 }).map(|_| Slot::default()).collect(),
        }
    }

    /// Counts one duration.
    #[cfg(test)]
    pub(super) fn record(&self, duration: Duration) {
        self.record_in(duration, None);
    }

    /// Counts one duration, which may become its bucket's exemplar.
    #[inline]
    pub(super) fn record_in(&self, duration: Duration, candidate: Option<Candidate<'_>>) {
        let seconds = duration.as_secs_f64();
        // A value on a boundary belongs to the bucket below it, as `le` says.
        let at = self.boundaries.partition_point(|boundary| *boundary < seconds);
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_nanos.fetch_add(nanos(duration), Ordering::Relaxed);
        if let (Some(candidate), Some(slot)) = (candidate, self.exemplars.get(at)) {
            slot.offer(duration, candidate);
        }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            boundaries: self.boundaries,
            buckets: self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect(),
            sum: Duration::from_nanos(self.sum_nanos.load(Ordering::Relaxed)),
            exemplars: self.exemplars.iter().map(Slot::latest).collect(),
        }
    }
}

impl Counts {
    /// Adds what another one has counted between the same boundaries.
    pub(super) fn merge(&mut self, other: &Self) {
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += more;
        }
        self.sum += other.sum;
        for (exemplar, other) in self.exemplars.iter_mut().zip(&other.exemplars) {
            *exemplar = exemplar.or(*other);
        }
    }
}

/// As many as fit: 584 years.
pub(super) fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_boundary_counts_at_that_boundary() {
        let histogram = Histogram::new(&[0.001, 0.01], false);
        for millis in [1, 5, 10, 11] {
            histogram.record(Duration::from_millis(millis));
        }
        let counts = histogram.counts();
        assert_eq!(counts.buckets, [1, 2, 1]);
        assert_eq!(counts.sum, Duration::from_millis(27));
    }
}
