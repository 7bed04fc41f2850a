//! The series of one histogram, by their labels.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::histogram::Histogram;

/// Series of one metric at most: the labels come from bounded sets, and this holds where one of them turns out not to be.
/// The specification's default (Metrics SDK, "Cardinality limits").
const MOST_SERIES: usize = 2_000;

/// A series' labels, as they are written.
pub(super) struct Labels<'a>(pub(super) &'a mut String);

impl Labels<'_> {
    /// Adds a label; backslash, quote and line feed are escaped as OpenMetrics says.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        // Writing to a String does not fail.
        let _ = write!(self.0, "{name}=\"");
        for character in value.chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                other => self.0.push(other),
            }
        }
        self.0.push('"');
    }

    pub(super) fn add_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

/// What tells series apart.
pub(super) trait Key: Clone + Eq + Hash + Ord {
    fn labels(&self, labels: &mut Labels<'_>);
}

/// One histogram a key.
#[derive(Debug)]
pub(super) struct Series<K> {
    boundaries: &'static [f64],
    by_key: RwLock<HashMap<K, Arc<Histogram>>>,
    overflow: Histogram,
}

impl<K: Key> Series<K> {
    pub(super) fn new(boundaries: &'static [f64]) -> Self {
        Self { boundaries, by_key: RwLock::default(), overflow: Histogram::new(boundaries) }
    }

    pub(super) fn record(&self, key: K, duration: Duration) {
        // A poisoned map is still a whole map: nothing panics between two of its states.
        if let Some(histogram) = self.by_key.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return histogram.record(duration);
        }
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        if by_key.len() >= MOST_SERIES && !by_key.contains_key(&key) {
            return self.overflow.record(duration);
        }
        by_key.entry(key).or_insert_with(|| Arc::new(Histogram::new(self.boundaries))).record(duration);
    }

    /// Calls `visit` with each series' labels, in their order.
    pub(super) fn visit(&self, mut visit: impl FnMut(&str, &Histogram)) {
        let mut series: Vec<_> = {
            let by_key = self.by_key.read().unwrap_or_else(PoisonError::into_inner);
            by_key.iter().map(|(key, histogram)| (key.clone(), Arc::clone(histogram))).collect()
        };
        series.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, histogram) in series {
            let mut labels = String::new();
            key.labels(&mut Labels(&mut labels));
            visit(&labels, &histogram);
        }
        if self.overflow.cumulative().last().is_some_and(|(_, count)| *count > 0) {
            visit("otel_metric_overflow=\"true\"", &self.overflow);
        }
    }
}
