//! How long peers are waited for. They are no settings: the values suit any exporter and any browser.

use std::time::Duration;

/// How long peers are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// For a request to begin, or for the rest of its head: longer than exporters and the page pause between two
    /// requests, so that connections are seldom closed on them, and short enough to get places back.
    pub head: Duration,
    /// For a whole body: exporters themselves give up after ten seconds.
    pub body: Duration,
    /// For room among the requests in flight. These are handled in milliseconds; who waits longer had better come back.
    pub room: Duration,
    /// For the answer to a ping on an HTTP/2 connection, and between pings: a peer that is gone holds its place no
    /// longer than one that says nothing on HTTP/1.1.
    pub ping: Duration,
    /// For all requests to end after a stop. They are answered from memory, so that only a peer that does not read on
    /// or does not send on is cut off.
    pub stop: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            body: Duration::from_secs(10),
            room: Duration::from_secs(1),
            ping: Duration::from_secs(15),
            stop: Duration::from_secs(5),
        }
    }
}
