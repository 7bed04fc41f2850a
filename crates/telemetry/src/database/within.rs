//! A limit of time for statements, which tells them that it was the limit.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use tokio::time::error::Elapsed;

thread_local! {
    /// Whether what is being dropped is dropped because its time was up.
    static TIME_IS_UP: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` for no longer than `limit`. Statements that it ends have the `error.type` `timeout`; by any other limit,
/// which cannot be told from a caller that went away, they are `cancelled`.
///
/// # Errors
/// When the time is up.
///
/// # Panics
/// Outside of a tokio runtime that has time.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    // Declared first, so that it is dropped last: the work sees that its time is up.
    let _reset = Reset;
    let work = pin!(work);
    let result = tokio::time::timeout(limit, work).await;
    TIME_IS_UP.set(result.is_err());
    result
}

/// Why a statement that has not ended is dropped.
pub(super) fn time_is_up() -> bool {
    // A thread that is ending has no limits left.
    TIME_IS_UP.try_with(Cell::get).unwrap_or(false)
}

struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        let _ = TIME_IS_UP.try_with(|time_is_up| time_is_up.set(false));
    }
}
