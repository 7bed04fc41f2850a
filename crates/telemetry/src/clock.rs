//! One clock for spans and metrics: read once when something begins and once when it ends.
//!
//! A span wants the time of day, a duration wants a clock that nobody sets. Both come from one reading of the monotonic
//! clock and the distance between the two clocks; a span's end is its start and what was measured, so that it is exactly as
//! long as the metric says, and never ends before it begins.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often the distance between the clocks is looked at: a clock that somebody sets is wrong in spans no longer than this.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Less than this is the noise of reading two clocks one after the other, and no reason to move spans against each other.
const NOISE: Duration = Duration::from_micros(100);

/// When the process first looked, and what time of day it was then, in nanoseconds since 1970.
struct Anchor {
    at: Instant,
    time_of_day: AtomicU64,
    /// Nanoseconds after `at`.
    look_again: AtomicU64,
}

static ANCHOR: OnceLock<Anchor> = OnceLock::new();

/// A moment of this process: nanoseconds after it first looked at its clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn now() -> Self {
        let anchor = anchor();
        Self(nanos(Instant::now().saturating_duration_since(anchor.at)))
    }

    /// What time of day it was, in nanoseconds since 1970: for a span's start.
    pub(crate) fn unix_nanos(self) -> u64 {
        let anchor = anchor();
        if self.0 >= anchor.look_again.load(Ordering::Relaxed) {
            anchor.look(self.0);
        }
        anchor.time_of_day.load(Ordering::Relaxed) + self.0
    }

    /// How long it was after an earlier one.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

#[inline]
fn anchor() -> &'static Anchor {
    ANCHOR.get_or_init(|| {
        let (at, time_of_day) = both_clocks();
        Anchor { at, time_of_day: time_of_day.into(), look_again: nanos(LOOK_EVERY).into() }
    })
}

impl Anchor {
    #[cold]
    fn look(&self, since: u64) {
        self.look_again.store(since + nanos(LOOK_EVERY), Ordering::Relaxed);
        let (at, time_of_day) = both_clocks();
        let then = time_of_day.saturating_sub(nanos(at.saturating_duration_since(self.at)));
        if then.abs_diff(self.time_of_day.load(Ordering::Relaxed)) > nanos(NOISE) {
            self.time_of_day.store(then, Ordering::Relaxed);
        }
    }
}

/// Both clocks at one moment: whichever of a few tries was interrupted the least.
fn both_clocks() -> (Instant, u64) {
    let mut best: Option<(Duration, Instant, u64)> = None;
    for _ in 0..3 {
        let before = Instant::now();
        let time_of_day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let apart = before.elapsed();
        if best.is_none_or(|(least, ..)| apart < least) {
            best = Some((apart, before, nanos(time_of_day)));
        }
    }
    best.map_or_else(|| (Instant::now(), 0), |(_, at, time_of_day)| (at, time_of_day))
}

/// As many as fit: 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_follow_one_another_and_have_a_time_of_day() {
        let (before, first) = (SystemTime::now(), Moment::now());
        let second = Moment::now();
        assert!(first.0 <= second.0);
        assert_eq!(
            (second.since(first), first.since(second)),
            (Duration::from_nanos(second.0 - first.0), Duration::ZERO)
        );
        let before = nanos(before.duration_since(UNIX_EPOCH).expect("it is after 1970"));
        assert!(first.unix_nanos().abs_diff(before) < 60_000_000_000, "{first:?} is not near {before:?}");
    }

    #[test]
    fn a_clock_that_was_set_is_followed_and_noise_is_not() {
        let (at, time_of_day) = both_clocks();
        let anchor = |off: i64| Anchor {
            at,
            time_of_day: time_of_day.saturating_add_signed(off).into(),
            look_again: AtomicU64::new(0),
        };
        let hour = 3_600_000_000_000;
        let set = anchor(-hour);
        set.look(5);
        assert!(set.time_of_day.load(Ordering::Relaxed).abs_diff(time_of_day) < hour as u64 / 60);
        assert_eq!(set.look_again.load(Ordering::Relaxed), 5 + nanos(LOOK_EVERY));
    }
}
