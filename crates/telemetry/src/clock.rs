//! One clock for spans and metrics: read once when something begins and once when it ends.
//!
//! A span wants the time of day, a duration wants a clock that nobody sets. Both come from one reading of the monotonic
//! clock and the distance between the two clocks; a span's end is its start and what was measured, so that it is exactly as
//! long as the metric says, and never ends before it begins.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often the distance between the clocks is looked at, in nanoseconds: a clock that somebody sets is wrong in spans no
/// longer than this.
const LOOK_EVERY: u64 = 1_000_000_000;
/// Less than this is the noise of reading two clocks one after the other, and no reason to move spans against each other.
const NOISE: u64 = 100_000;

/// What time of day the monotonic clock's zero was, in nanoseconds since 1970.
#[derive(Debug)]
struct Distance {
    nanos: AtomicU64,
    /// A moment; the first look is due at once.
    look_again: AtomicU64,
}

static DISTANCE: Distance = Distance { nanos: AtomicU64::new(0), look_again: AtomicU64::new(0) };

/// A moment of this process, in nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(u64);

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(monotonic())
    }

    /// What time of day it was, in nanoseconds since 1970: for a span's start.
    #[inline]
    pub(crate) fn unix_nanos(self) -> u64 {
        DISTANCE.of(self.0).wrapping_add(self.0)
    }

    /// How long it was after an earlier one.
    #[inline]
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// The monotonic clock as a number, on Linux that behind [`std::time::Instant`]: what that type takes apart and puts together again each time costs as
/// much as the reading.
#[cfg(unix)]
#[inline]
fn monotonic() -> u64 {
    // Systems that have this clock do not refuse it.
    nix::time::ClockId::CLOCK_MONOTONIC
        .now()
        .map_or(0, |now| (now.tv_sec() as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec() as u64))
}

#[cfg(not(unix))]
fn monotonic() -> u64 {
    static BEGUN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    nanos(BEGUN.get_or_init(std::time::Instant::now).elapsed())
}

impl Distance {
    #[inline]
    fn of(&self, moment: u64) -> u64 {
        // What is read after this is at least as new.
        if moment >= self.look_again.load(Ordering::Acquire) {
            self.look(moment);
        }
        self.nanos.load(Ordering::Relaxed)
    }

    #[cold]
    fn look(&self, moment: u64) {
        let (at, time_of_day) = both_clocks();
        // The clock may have been set to before the machine's start: this is taken back when a moment is added.
        let nanos = time_of_day.wrapping_sub(at);
        if nanos.abs_diff(self.nanos.load(Ordering::Relaxed)) > NOISE {
            self.nanos.store(nanos, Ordering::Relaxed);
        }
        self.look_again.store(moment.saturating_add(LOOK_EVERY), Ordering::Release);
    }
}

/// Both clocks at one moment, the monotonic one first: whichever of a few tries was interrupted the least.
fn both_clocks() -> (u64, u64) {
    let tries = (0..3).map(|_| {
        let at = monotonic();
        let time_of_day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (monotonic().saturating_sub(at), at, nanos(time_of_day))
    });
    tries.min_by_key(|(apart, ..)| *apart).map_or((0, 0), |(_, at, time_of_day)| (at, time_of_day))
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
        let distance = time_of_day.wrapping_sub(at);
        let off_by = |nanos: u64| Distance { nanos: (distance - nanos).into(), look_again: AtomicU64::new(0) };
        let hour = 3_600_000_000_000;
        let set = off_by(hour);
        assert!(set.of(5).abs_diff(distance) < hour / 60, "{set:?}");
        assert_eq!(set.look_again.load(Ordering::Relaxed), 5 + LOOK_EVERY);
        let nearly = off_by(NOISE / 2);
        assert_eq!(nearly.of(5), distance - NOISE / 2, "both clocks are read within {NOISE} ns");
        let before_the_start = Distance { nanos: 0.into(), look_again: u64::MAX.into() };
        before_the_start.nanos.store(5_u64.wrapping_sub(at), Ordering::Relaxed);
        assert_eq!(before_the_start.of(at).wrapping_add(at), 5);
    }
}
