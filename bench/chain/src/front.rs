//! The client of the front, without anything around it.

use std::time::Duration;

use reqwest::Client;

/// Idle connections kept to the back: more than requests are ever under way.
const IDLE_CONNECTIONS: usize = 64;
/// Far above what an answer takes, so that it never decides anything.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What both programs ask the back with.
///
/// # Errors
/// When reqwest cannot build it.
pub fn client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().pool_max_idle_per_host(IDLE_CONNECTIONS).timeout(TIMEOUT).build()
}
