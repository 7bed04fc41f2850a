//! Which traces are recorded, and the count of all spans that were begun.
//!
//! A trace that comes from elsewhere keeps its decision, unless the sampler is one that does not ask the caller. One that is
//! decided on here is so by a ratio of trace ids. One that begins here is so by a limit on spans a second as well: above it no
//! new trace is sampled until the second's share is there again, while traces that are under way are finished, and so are those
//! that have begun elsewhere. So the limit never leaves a trace with holes.
//!
//! Source: OpenTelemetry specification, "Trace SDK", "Sampling": `ParentBased` and `TraceIdRatioBased`.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::trace::{SpanContext, TraceId};

use crate::config::{Config, ExporterKind, RootSampler};
use crate::export::shard::{Aligned, SHARDS, of_this_thread};

const NANOS_A_SECOND: u128 = 1_000_000_000;

/// The sampler of one pipeline. Clones share their counts.
#[derive(Clone, Debug)]
pub(crate) struct Sampler(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: RootSampler,
    parent_based: bool,
    budget: Option<Budget>,
    /// Spans that go nowhere are neither recorded nor counted: nothing becomes of them.
    kept: bool,
    begun: [Aligned<[[AtomicU64; 2]; 3]>; SHARDS],
}

/// Where a span's parent is: `otel.span.parent.origin`.
pub(crate) const ORIGINS: [&str; 3] = ["none", "local", "remote"];

/// Spans that were begun, by the origin of their parent: not sampled, sampled.
pub(crate) type Begun = [[u64; 2]; 3];

impl Sampler {
    pub(crate) fn new(config: &Config) -> Self {
        Self(Arc::new(Inner {
            root: config.root_sampler,
            parent_based: config.parent_based_sampler,
            budget: config.max_spans_per_second.map(Budget::new),
            kept: config.traces.exporter != ExporterKind::None,
            begun: Default::default(),
        }))
    }

    /// Whether the decision of another process on a trace is followed.
    pub(crate) fn follows_callers(&self) -> bool {
        self.0.parent_based
    }

    /// Whether spans of traces that are sampled go anywhere.
    pub(crate) fn keeps(&self) -> bool {
        self.0.kept
    }

    /// All spans that were begun.
    pub(crate) fn begun(&self) -> Begun {
        let mut all = Begun::default();
        for shard in &self.0.begun {
            for (sum, counts) in all.iter_mut().zip(&shard.0) {
                for (sum, count) in sum.iter_mut().zip(counts) {
                    *sum += count.load(Ordering::Relaxed);
                }
            }
        }
        all
    }

    /// Counts a span that was left out with its trace, without being asked for.
    pub(crate) fn left_out(&self, parent_is_remote: bool) {
        self.count(1 + usize::from(parent_is_remote), false);
    }

    fn count(&self, origin: usize, sampled: bool) {
        if self.0.kept {
            self.0.begun[of_this_thread()].0[origin][usize::from(sampled)].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Decides on a span that begins, and counts it. `parent` is valid where there is one.
    pub(crate) fn samples(&self, parent: Option<&SpanContext>, trace_id: TraceId) -> bool {
        // What this process has decided on the request stays decided.
        let followed = parent.filter(|parent| self.0.parent_based || !parent.is_remote());
        let sampled = match followed {
            Some(parent) => parent.is_sampled(),
            None => self.0.root.takes(trace_id) && (parent.is_some() || self.has_room()),
        };
        self.count(parent.map_or(0, |parent| 1 + usize::from(parent.is_remote())), sampled);
        if sampled && let Some(budget) = &self.0.budget {
            budget.spend();
        }
        sampled
    }

    fn has_room(&self) -> bool {
        self.0.budget.as_ref().is_none_or(Budget::has_room)
    }
}

impl RootSampler {
    fn takes(self, trace_id: TraceId) -> bool {
        match self {
            Self::AlwaysOn => true,
            Self::AlwaysOff => false,
            Self::Ratio(ratio) => {
                // The lower 63 bits of an id are random, and every service that is asked comes to the same answer.
                let [.., a, b, c, d, e, f, g, h] = trace_id.to_bytes();
                let random = u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1;
                (random as f64) < ratio * (1_u64 << 63) as f64
            }
        }
    }
}

/// Spans that may still be made, refilled as time passes; at most one second's worth.
#[derive(Debug)]
struct Budget {
    spans_per_second: i64,
    left: AtomicI64,
    refilled: Mutex<Instant>,
}

impl Budget {
    fn new(spans_per_second: u32) -> Self {
        let spans_per_second = i64::from(spans_per_second);
        Self { spans_per_second, left: AtomicI64::new(spans_per_second), refilled: Mutex::new(Instant::now()) }
    }

    fn spend(&self) {
        self.left.fetch_sub(1, Ordering::Relaxed);
    }

    fn has_room(&self) -> bool {
        self.refill(Instant::now());
        self.left.load(Ordering::Relaxed) > 0
    }

    fn refill(&self, now: Instant) {
        let mut refilled = self.refilled.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = u128::from(self.spans_per_second.unsigned_abs());
        let spans = now.saturating_duration_since(*refilled).as_nanos() * rate / NANOS_A_SECOND;
        if spans >= 1 {
            // What is over stays for the next time: it may be nearly a whole span, each time.
            let taken = (spans * NANOS_A_SECOND).div_ceil(rate);
            *refilled += Duration::from_nanos(u64::try_from(taken).unwrap_or(u64::MAX));
            let spans = i64::try_from(spans).unwrap_or(i64::MAX);
            let refill = |left: i64| Some(left.saturating_add(spans).min(self.spans_per_second));
            // The closure always gives a value.
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_takes_its_share_of_ids_and_the_same_ones_everywhere() {
        let ids = |high: u64| (0..10_000_u64).map(move |n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ high);
        let taken =
            |ratio: f64| ids(7).filter(|id| RootSampler::Ratio(ratio).takes(TraceId::from(u128::from(*id)))).count();
        assert_eq!((taken(0.0), taken(1.0)), (0, 10_000));
        assert!((900..1_100).contains(&taken(0.1)), "{}", taken(0.1));
        // Who is taken at a lower ratio is taken at a higher one.
        for id in ids(9).map(|id| TraceId::from(u128::from(id))) {
            assert!(!RootSampler::Ratio(0.2).takes(id) || RootSampler::Ratio(0.6).takes(id));
        }
    }

    #[test]
    fn a_budget_that_is_spent_comes_back_with_time_and_no_further_than_a_second() {
        let budget = Budget::new(100);
        let start = Instant::now();
        (0..150).for_each(|_| budget.spend());
        assert!(budget.left.load(Ordering::Relaxed) <= -50, "a trace under way is finished on credit");
        budget.refill(start + Duration::from_millis(1_000));
        assert!(budget.left.load(Ordering::Relaxed) > 0);
        budget.refill(start + Duration::from_secs(60));
        assert_eq!(budget.left.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn a_budget_gives_its_spans_a_second_however_often_it_is_asked() {
        let second = Duration::from_secs(1);
        for rate in [7, 100, 3_000] {
            // Nearly two spans' time, and odd ones.
            for every in [second.mul_f64(1.99 / f64::from(rate)), second / rate * 3 / 2, second / rate / 5, second / 3]
            {
                let budget = Budget::new(rate);
                let (start, mut now, mut spent) = (*budget.refilled.lock().expect("no panic"), Duration::ZERO, 0);
                while now < 10 * second {
                    while budget.left.load(Ordering::Relaxed) > 0 {
                        budget.spend();
                        spent += 1;
                    }
                    now += every;
                    budget.refill(start + now);
                }
                let (at_most, at_least) = (11 * rate, 10 * rate);
                assert!((at_least..=at_most).contains(&spent), "{rate} a second, asked every {every:?}: {spent}");
            }
        }
    }
}
