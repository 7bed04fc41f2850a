//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// Far longer than anything waited for takes on a busy machine; reaching it fails the test.
const LIMIT: Duration = Duration::from_secs(20);
/// How often the condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits until `condition` has a value.
pub fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}
