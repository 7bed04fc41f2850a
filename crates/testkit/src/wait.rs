//! Waiting for what comes about by itself.

use std::time::{Duration, Instant};

/// Far longer than anything takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks until there is an answer, and fails with the last reason why there was none. Each question takes its time: asking again is
/// waiting.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    until_within(LIMIT, Duration::ZERO, what, ask).await
}

/// The same with another limit, and so long between two questions.
pub async fn until_within<T>(
    limit: Duration,
    pause: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(reason) if begun.elapsed() > limit => panic!("{what}: after {} s, {reason}", limit.as_secs()),
            Err(_) => tokio::time::sleep(pause).await,
        }
    }
}
