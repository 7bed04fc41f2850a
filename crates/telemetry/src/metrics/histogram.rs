//! Counts of durations between given boundaries, recorded without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Cumulative counts are made when they are read; recording touches one bucket, and the sum.
#[derive(Debug)]
pub(super) struct Histogram {
    boundaries: &'static [f64],
    /// One more than boundaries: the last one counts what is above them all.
    buckets: Box<[AtomicU64]>,
    sum_nanos: AtomicU64,
}

impl Histogram {
    pub(super) fn new(boundaries: &'static [f64]) -> Self {
        let buckets = (0..=boundaries.len()).map(|_| AtomicU64::new(0)).collect();
        Self { boundaries, buckets, sum_nanos: AtomicU64::new(0) }
    }

    pub(super) fn record(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        // A value on a boundary belongs to the bucket below it, as `le` says.
        let at = self.boundaries.partition_point(|boundary| *boundary < seconds);
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_nanos.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Pairs of upper boundary (in seconds; `None` is infinity) and how many values are at or below it.
    pub(super) fn cumulative(&self) -> Vec<(Option<f64>, u64)> {
        let mut below = 0;
        let boundaries = self.boundaries.iter().copied().map(Some).chain([None]);
        boundaries
            .zip(&self.buckets)
            .map(|(boundary, bucket)| {
                below += bucket.load(Ordering::Relaxed);
                (boundary, below)
            })
            .collect()
    }

    pub(super) fn sum_seconds(&self) -> f64 {
        Duration::from_nanos(self.sum_nanos.load(Ordering::Relaxed)).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_boundary_counts_at_that_boundary() {
        let histogram = Histogram::new(&[0.001, 0.01]);
        for millis in [1, 5, 10, 11] {
            histogram.record(Duration::from_millis(millis));
        }
        assert_eq!(histogram.cumulative(), [(Some(0.001), 1), (Some(0.01), 3), (None, 4)]);
        assert!((histogram.sum_seconds() - 0.027).abs() < 1e-9);
    }
}
