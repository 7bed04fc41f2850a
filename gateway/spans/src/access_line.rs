//! One line of the access log; the fields are described in the gateway's `access-log.conf`.

use otlp::{SpanId, TraceId};
use serde::Deserialize;
use std::borrow::Cow;

/// The line as it is written. Texts hold what a client sent, so nothing is taken for granted about them.
#[derive(Debug, Deserialize)]
pub(crate) struct AccessLine<'a> {
    pub end_s: f64,
    pub seconds: f64,
    #[serde(borrow)]
    pub request_id: Cow<'a, str>,
    #[serde(borrow)]
    pub trace_id: Cow<'a, str>,
    #[serde(borrow)]
    pub parent_id: Cow<'a, str>,
    pub sampled: u8,
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    #[serde(borrow)]
    pub route: Cow<'a, str>,
    #[serde(borrow)]
    pub scheme: Cow<'a, str>,
    #[serde(borrow)]
    pub protocol: Cow<'a, str>,
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    #[serde(borrow)]
    pub request_body_bytes: Cow<'a, str>,
    pub response_body_bytes: i64,
    #[serde(borrow)]
    pub client: Cow<'a, str>,
    #[serde(borrow)]
    pub client_port: Cow<'a, str>,
    #[serde(borrow)]
    pub host: Cow<'a, str>,
    #[serde(borrow)]
    pub port: Cow<'a, str>,
    #[serde(borrow)]
    pub user_agent: Cow<'a, str>,
    #[serde(borrow)]
    pub service: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_path: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_start_s: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_status: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_header_s: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_seconds: Cow<'a, str>,
    #[serde(borrow)]
    pub upstream_bytes_sent: Cow<'a, str>,
}

/// The ids of the gateway's two spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub trace: TraceId,
    pub server: SpanId,
    pub client: SpanId,
    pub parent: Option<SpanId>,
}

impl AccessLine<'_> {
    /// Reads the ids; none when one of them is not an id.
    pub fn ids(&self) -> Option<Ids> {
        let (client, server) = self.request_id.split_at_checked(16)?;
        let parent = match self.parent_id.as_ref() {
            "" => None,
            parent => Some(parent.parse().ok()?),
        };
        let whole = self.trace_id.len() == 32;
        let trace = self.trace_id.parse().ok().filter(|id: &TraceId| whole && id.is_valid())?;
        Some(Ids { trace, server: server.parse().ok()?, client: client.parse().ok()?, parent })
    }

    /// When the request began and ended, in nanoseconds since 1970.
    pub fn begin_and_end(&self) -> (u64, u64) {
        let end = nanos(self.end_s);
        (end.saturating_sub(nanos(self.seconds)), end)
    }

    /// The same of the service's part, which nginx measures with another clock: never outside of the whole.
    pub fn upstream_begin_and_end(&self) -> (u64, u64) {
        let (begin, end) = self.begin_and_end();
        let start = self.upstream_start_s.parse().map_or(begin, nanos).clamp(begin, end);
        let stop = self.upstream_seconds.parse().map_or(end, |seconds| start.saturating_add(nanos(seconds)));
        (start, stop.clamp(start, end))
    }
}

/// A number nginx may write as "-", nothing or with leading zeros.
pub(crate) fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// nginx knows milliseconds; more digits would be made up by the conversion. A negative time is zero.
fn nanos(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64 * 1_000_000
}
