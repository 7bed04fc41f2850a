//! Time and allocations of a piece of work that is done many times.

use nix::time::{ClockId, clock_gettime};

/// Times a piece of work is done in a row: so many that looking at the clock costs nothing beside it, and so few that
/// what it makes fits into the exporter's queue.
pub const ROUND: usize = 1_000;
/// Rounds of which the median is taken: a disturbed round does not count.
pub const ROUNDS: usize = 101;

/// What a piece of work costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Processor time of this thread.
    pub nanoseconds: f64,
    /// Calls of the allocator.
    pub allocations: f64,
}

/// Does the work once for each of `items`, and says what one time cost.
pub fn time<T, R>(items: Vec<T>, mut work: impl FnMut(T) -> R) -> nix::Result<(Cost, Vec<R>)> {
    let count = items.len() as f64;
    let mut done = Vec::with_capacity(items.len());
    let begun = processor_nanos()?;
    let allocated = allocation_counter::measure(|| done.extend(items.into_iter().map(&mut work)));
    let nanoseconds = (processor_nanos()? - begun) / count;
    Ok((Cost { nanoseconds, allocations: allocated.count_total as f64 / count }, done))
}

/// The costs' medians.
pub fn median(costs: &[Cost]) -> Cost {
    let of = |value: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Cost { nanoseconds: of(|cost| cost.nanoseconds), allocations: of(|cost| cost.allocations) }
}

/// Of this thread: other threads and other programs do not count. /proc has it as of the scheduler's last look, which is
/// too coarse for a round.
fn processor_nanos() -> nix::Result<f64> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    Ok(time.tv_sec() as f64 * 1e9 + time.tv_nsec() as f64)
}
