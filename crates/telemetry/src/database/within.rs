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
    let mut reset = Reset(None);
    let work = pin!(work);
    let result = tokio::time::timeout(limit, work).await;
    if result.is_err() {
        reset.0 = Some(TIME_IS_UP.replace(true));
    }
    result
}

/// Why a statement that has not ended is dropped.
pub(super) fn time_is_up() -> bool {
    // A thread that is ending has no limits left.
    TIME_IS_UP.try_with(Cell::get).unwrap_or(false)
}

/// What was so before this limit's time was up; `None` while it is not. A limit inside of another one, which is dropped because
/// the outer one's time is up, says nothing of its own.
struct Reset(Option<bool>);

impl Drop for Reset {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            let _ = TIME_IS_UP.try_with(|time_is_up| time_is_up.set(before));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// A statement that notes why it is dropped.
    struct Statement<'a>(&'a Cell<Option<bool>>);

    impl Drop for Statement<'_> {
        fn drop(&mut self) {
            self.0.set(Some(time_is_up()));
        }
    }

    const AN_HOUR: Duration = Duration::from_secs(3_600);

    #[tokio::test]
    async fn a_limit_inside_of_another_one_does_not_hide_that_the_outer_ones_time_is_up() {
        let (before, inside) = (Cell::new(None), Cell::new(None));
        let work = async {
            // Dropped after the inner limit.
            let _before = Statement(&before);
            within(AN_HOUR, async {
                let _inside = Statement(&inside);
                pending::<()>().await;
            })
            .await
        };
        assert!(within(Duration::from_millis(1), work).await.is_err());
        assert_eq!((before.get(), inside.get(), time_is_up()), (Some(true), Some(true), false));
    }

    #[tokio::test]
    async fn an_inner_limit_says_nothing_of_what_the_outer_one_still_has_time_for() {
        let (outer, inner) = (Cell::new(None), Cell::new(None));
        let work = async {
            let _outer = Statement(&outer);
            let limited = within(Duration::from_millis(1), async {
                let _inner = Statement(&inner);
                pending::<()>().await;
            });
            assert!(limited.await.is_err());
        };
        assert!(within(AN_HOUR, work).await.is_ok());
        assert_eq!((outer.get(), inner.get(), time_is_up()), (Some(false), Some(true), false));
    }
}
