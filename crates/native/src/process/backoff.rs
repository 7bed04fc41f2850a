//! How long a dead process stays dead.

use std::time::Duration;

/// Short enough not to be noticed when a process is killed by hand.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// Long enough not to fill the log, short enough to heal while somebody looks on.
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// A process that ran this long was healthy; its next death counts as the first.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);
/// 0.25 + 0.5 + ... + 10 s: about a minute; what is not up by then needs a person.
const MOST_DEATHS: u32 = 10;

/// What was never up has a wrong setting more likely than bad luck; whoever starts it should hear so in seconds.
const MOST_DEATHS_BEFORE_UP: u32 = 3;

/// Exponential, bounded in each delay and in their number.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    deaths: u32,
    was_up: bool,
}

impl Backoff {
    /// The process has been up.
    pub(super) fn up(&mut self) {
        self.was_up = true;
    }

    /// Somebody asked for it to stop or start: what came before no longer counts.
    pub(super) fn reset(&mut self) {
        self.deaths = 0;
    }

    /// The delay before the next start of a process that ran this long; `None` to give up.
    pub(super) fn after_death(&mut self, ran: Duration) -> Option<Duration> {
        self.deaths = if ran >= HEALTHY_AFTER { 1 } else { self.deaths + 1 };
        let most = if self.was_up { MOST_DEATHS } else { MOST_DEATHS_BEFORE_UP };
        if self.deaths > most {
            return None;
        }
        Some(FIRST_DELAY.saturating_mul(1 << (self.deaths - 1)).min(LONGEST_DELAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_a_bound_and_end() {
        let mut backoff = Backoff::default();
        backoff.up();
        let delays: Vec<_> =
            std::iter::from_fn(|| backoff.after_death(Duration::ZERO)).map(|delay| delay.as_millis()).collect();
        assert_eq!(delays, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
    }

    #[test]
    fn what_was_never_up_is_given_up_soon() {
        let mut backoff = Backoff::default();
        assert_eq!(std::iter::from_fn(|| backoff.after_death(Duration::ZERO)).count(), 3);
    }

    #[test]
    fn a_healthy_run_begins_anew() {
        let mut backoff = Backoff::default();
        while backoff.after_death(Duration::ZERO).is_some() {}
        assert_eq!(backoff.after_death(HEALTHY_AFTER), Some(FIRST_DELAY));
    }
}
