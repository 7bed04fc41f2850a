//! How long to wait before an export is tried again.

use std::time::Duration;

/// A collector that restarts is back soon.
const FIRST: Duration = Duration::from_millis(100);
/// One that stays away is asked this often: its return is noticed quickly, and asking costs it nothing.
const LONGEST: Duration = Duration::from_secs(5);
/// A collector that asks for more waiting than this is asked once more before it.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// Doubles from wait to wait.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// The next wait: what the collector asked for, or twice the last one. There is one sender, so it is not spread.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(LONGEST);
        asked.map_or(wait, |asked| asked.min(LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_bound_and_what_is_asked_for_counts() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..8).map(|_| backoff.next(None).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(backoff.next(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(backoff.next(Some(Duration::from_secs(3600))), LONGEST_ASKED);
    }
}
