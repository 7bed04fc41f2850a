//! The series of one metric, by what tells them apart: found without a lock, an allocation or a hash of many steps.

use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::attributes::Attributes;
use super::hash::Words;

/// Series of one metric at most: the labels come from bounded sets, and this holds where one of them turns out not to be.
/// The specification's default (Metrics SDK, "Cardinality limits").
pub(super) const MOST_SERIES: usize = 2_000;
/// Chains that the series are spread over: a usual service has some dozens, and a metric at its limit has chains of 16.
const CHAINS: usize = 128;

/// What tells series apart.
pub(super) trait Key: Clone + Eq + Hash {
    fn attributes(&self) -> Attributes;
}

/// Values by key. Series are added and never removed, so that finding one needs no lock.
#[derive(Debug)]
pub(super) struct Series<K, V> {
    chains: Box<[Link<K, V>]>,
    count: AtomicUsize,
    overflow: OnceLock<V>,
}

type Link<K, V> = OnceLock<Box<Node<K, V>>>;

#[derive(Debug)]
struct Node<K, V> {
    hash: u64,
    key: K,
    value: V,
    next: Link<K, V>,
}

impl<K: Key, V> Series<K, V> {
    pub(super) fn new() -> Self {
        let chains = (0..CHAINS).map(|_| OnceLock::new()).collect();
        Self { chains, count: AtomicUsize::new(0), overflow: OnceLock::new() }
    }

    /// The value of this key, made when it is asked for the first time. Beyond [`MOST_SERIES`] all new keys share one.
    #[inline]
    pub(super) fn of(&self, key: &K, make: impl Fn() -> V) -> &V {
        let hash = Words::default().hash_one(key);
        // The hash ends with a multiplication: its high bits depend on all of the key.
        let mut link = &self.chains[(hash >> 32) as usize % CHAINS];
        loop {
            match link.get() {
                Some(node) if node.hash == hash && node.key == *key => return &node.value,
                Some(node) => link = &node.next,
                None if self.count.load(Ordering::Relaxed) >= MOST_SERIES => return self.overflow.get_or_init(make),
                None => self.add(link, hash, key, make()),
            }
        }
    }

    /// Another thread may be first; the chain goes on behind what it has added.
    #[cold]
    fn add(&self, link: &Link<K, V>, hash: u64, key: &K, value: V) {
        if link.set(Box::new(Node { hash, key: key.clone(), value, next: OnceLock::new() })).is_ok() {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Calls `visit` with each series.
    pub(super) fn visit(&self, mut visit: impl FnMut(Attributes, &V)) {
        for chain in &self.chains {
            let mut link = chain;
            while let Some(node) = link.get() {
                visit(node.key.attributes(), &node.value);
                link = &node.next;
            }
        }
        if let Some(overflow) = self.overflow.get() {
            visit(Attributes::from([("otel.metric.overflow", true.into())]), overflow);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    impl Key for u16 {
        fn attributes(&self) -> Attributes {
            Attributes::from([("key", (*self).into())])
        }
    }

    fn counts(series: &Series<u16, AtomicUsize>) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        series.visit(|attributes, count| {
            let twice = counts.insert(attributes.labels(), count.load(Ordering::Relaxed));
            assert_eq!(twice, None, "{}", attributes.labels());
        });
        counts
    }

    #[test]
    fn threads_that_come_at_once_share_each_series() {
        let series = Series::<u16, AtomicUsize>::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for key in 0..500 {
                        series.of(&key, AtomicUsize::default).fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let counts = counts(&series);
        assert_eq!(counts.len(), 500);
        assert!(counts.values().all(|count| *count == 4), "{counts:?}");
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_in_one_series() {
        let series = Series::<u16, AtomicUsize>::new();
        for _ in 0..2 {
            for key in 0..MOST_SERIES as u16 + 7 {
                series.of(&key, AtomicUsize::default).fetch_add(1, Ordering::Relaxed);
            }
        }
        let counts = counts(&series);
        assert_eq!(counts.len(), MOST_SERIES + 1);
        assert_eq!(counts["otel_metric_overflow=\"true\""], 14);
        assert_eq!(counts["key=\"0\""], 2);
    }
}
