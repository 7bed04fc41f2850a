//! How long stopping may take: of each process, and of all of them in order.

use super::STOP_ORDER;
use native::postgres::SERVER_STOP;
use native::process::{Signal, USUAL_STOP};
use std::time::Duration;

/// How nginx is stopped: it answers what it has begun (its own limit is 10 s), then it is told to stop at once.
pub const GATEWAY_STOP: [(Signal, Duration); 2] =
    [(Signal::SIGQUIT, Duration::from_secs(12)), (Signal::SIGTERM, Duration::from_secs(3))];
/// What is in no process' own limits: the kills, 2 s for the last lines of output of each of a dozen, a busy machine.
const SPARE: Duration = Duration::from_secs(30);
/// The processes of [`STOP_ORDER`] but nginx and PostgreSQL.
const USUAL_PROCESSES: u64 = STOP_ORDER.len() as u64 - 2;

/// Longer than all processes together may take, one after the other.
pub const WHOLE_STOP_LIMIT: Duration = Duration::from_secs(
    seconds(&GATEWAY_STOP) + USUAL_PROCESSES * seconds(&USUAL_STOP) + seconds(&SERVER_STOP) + SPARE.as_secs(),
);

/// The time that all signals together give a process.
pub const fn seconds(stop: &[(Signal, Duration)]) -> u64 {
    let mut sum = 0;
    let mut index = 0;
    while index < stop.len() {
        sum += stop[index].1.as_secs();
        index += 1;
    }
    sum
}

/// How a process of this name is stopped.
pub fn of(name: &str) -> &'static [(Signal, Duration)] {
    match name {
        "gateway" => &GATEWAY_STOP,
        "postgres" => &SERVER_STOP,
        _ => &USUAL_STOP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_longer_than_its_parts() {
        let parts: u64 = STOP_ORDER.iter().map(|name| seconds(of(name))).sum();
        assert!(WHOLE_STOP_LIMIT > Duration::from_secs(parts), "{WHOLE_STOP_LIMIT:?} for {parts} s");
    }
}
