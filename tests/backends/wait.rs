//! Waiting for what another program is going to say.

use std::time::Duration;

/// How long anything may take to come about: metrics leave the Collector every 5 s and edges of the service graph wait for
/// another 3 s, on a machine that may be busy with several of them.
const LIMIT: Duration = Duration::from_secs(90);
/// Between two questions: programs are asked over HTTP, and nobody tells us.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Asks until there is an answer, and fails with the last reason why there was none.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    testkit::wait::until_within(LIMIT, ASK_EVERY, what, ask).await
}
