//! One batch on its way: attempts, pauses between them, and the end of patience.
//!
//! Source: OTLP specification 1.7, "OTLP/HTTP Throttling" and "OTLP/gRPC Throttling": exponential backoff with jitter, and
//! the receiver's own wish where it has one.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::failure::{Again, Failure};
use super::lane::Pace;
use super::pieces::Pieces;
use super::transport::{Accepted, Transport};

/// The first pause: a receiver that restarts needs about as long.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Pauses double up to this, so that a receiver that is back is found soon.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Pauses while the process ends: there is time for a few more attempts, and no more.
const LAST_PAUSE: Duration = Duration::from_millis(200);
/// Those attempts: a receiver that is not there at the end of a process does not come back within its last second.
const LAST_ATTEMPTS: u32 = 3;

/// Sends `body` until it is taken, refused for good, or patience ends, which it does also with an attempt after which its place is
/// needed for others. `failed` is an attempt that was made before. `ending` turns true when the process ends.
pub(super) async fn deliver(
    transport: &Transport,
    body: Pieces,
    pace: Pace,
    is_needed: impl Fn() -> bool,
    mut failed: Option<Failure>,
    mut ending: watch::Receiver<bool>,
) -> Result<Accepted, Failure> {
    let give_up = Instant::now() + pace.patience;
    let mut pause = FIRST_PAUSE;
    let mut last_attempts = 0;
    loop {
        if let Some(failure) = failed {
            let Some(wait) = wait(failure.again, pause) else { return Err(failure) };
            // A receiver may ask for any time at all, also for more than a clock can hold.
            if Instant::now().checked_add(wait).is_none_or(|then| then > give_up) || is_needed() {
                return Err(failure);
            }
            let hurry = *ending.borrow_and_update();
            if hurry && last_attempts == LAST_ATTEMPTS {
                return Err(failure);
            }
            last_attempts += u32::from(hurry);
            tokio::select! {
                () = sleep(if hurry { wait.min(LAST_PAUSE) } else { wait }) => {}
                // Tried once more at once when the end comes during a pause.
                _ = ending.changed(), if !hurry => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        match once(transport, body.clone(), pace.attempt_limit).await {
            Ok(accepted) => return Ok(accepted),
            Err(failure) => failed = Some(failure),
        }
    }
}

/// How long to wait for the next attempt, where one's own choice is about `pause`; `None` where there is none.
fn wait(again: Again, pause: Duration) -> Option<Duration> {
    match again {
        Again::Never | Again::NotNow => None,
        Again::Later => Some(jittered(pause)),
        Again::After(wish) => Some(wish),
    }
}

/// One attempt, which ends within `limit`.
pub(super) async fn once(transport: &Transport, body: Pieces, limit: Duration) -> Result<Accepted, Failure> {
    unharmed(transport.send(body, limit)).await
}

/// One attempt, whose panic is a failure of it and of nothing else. The usual one is a thread for a name's lookup that the
/// system does not grant: it may be granted the next time, and the batches after this one must not be lost with it.
async fn unharmed(attempt: impl Future<Output = Result<Accepted, Failure>>) -> Result<Accepted, Failure> {
    // Of what it has touched nothing is used again but the client, whose pool has no half of a connection.
    let ended = AssertUnwindSafe(attempt).catch_unwind().await;
    ended.unwrap_or_else(|_| Err(Failure::connection("the attempt panicked".to_owned())))
}

/// Between half of the pause and the whole: receivers shall not be found by all their clients at the same moment. The
/// clock's nanoseconds are as good as random for that.
pub(super) fn jittered(pause: Duration) -> Duration {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    shortened(pause, nanos % 1_000_000)
}

/// Half of the pause, and as many millionths of the other half.
fn shortened(pause: Duration, millionths: u32) -> Duration {
    pause / 2 + pause.mul_f64(f64::from(millionths) / 2_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_between_half_of_it_and_the_whole() {
        for pause in [FIRST_PAUSE, LONGEST_PAUSE] {
            assert_eq!((shortened(pause, 0), shortened(pause, 500_000)), (pause / 2, pause * 3 / 4));
            assert!((pause.mul_f64(0.999)..pause).contains(&shortened(pause, 999_999)));
            // The clock goes on between one and the next.
            let some: Vec<_> = (0..1_000).map(|_| jittered(pause)).collect();
            assert!(some.iter().all(|jittered| (pause / 2..pause).contains(jittered)));
            assert!(some.iter().any(|jittered| *jittered != some[0]), "they are all {:?}", some[0]);
        }
    }

    #[test]
    fn what_the_receiver_asks_for_is_waited_and_a_pause_of_ones_own_where_it_asks_for_nothing() {
        assert_eq!(wait(Again::after(Duration::from_secs(7)), FIRST_PAUSE), Some(Duration::from_secs(7)));
        assert_eq!(wait(Again::after(Duration::from_millis(1)), FIRST_PAUSE), Some(Duration::from_millis(1)));
        for again in [Again::Later, Again::after(Duration::ZERO), Again::after(Duration::from_nanos(1))] {
            let own = wait(again, FIRST_PAUSE).expect("there is another attempt");
            assert!((FIRST_PAUSE / 2..FIRST_PAUSE).contains(&own), "{again:?}: {own:?}");
        }
        assert_eq!((wait(Again::Never, FIRST_PAUSE), wait(Again::NotNow, FIRST_PAUSE)), (None, None));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_that_may_pass() {
        let panics = async { panic!("no thread") };
        let failure = unharmed(panics).await.expect_err("it failed");
        assert_eq!((failure.again, failure.error_type), (Again::Later, super::super::ledger::CONNECTION));
        assert!(unharmed(async { Ok(Accepted::default()) }).await.is_ok());
    }
}
