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

/// When the request and the service's part in it began and ended, in nanoseconds since 1970. nginx measures the part
/// with another clock; it is never outside of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub begin: u64,
    pub end: u64,
    pub upstream_begin: u64,
    pub upstream_end: u64,
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

    /// Reads the times; none when one of them is no time that nginx writes.
    pub fn times(&self) -> Option<Times> {
        let end = nanos(self.end_s)?;
        let begin = end.saturating_sub(nanos(self.seconds)?);
        let upstream_begin = match self.upstream_start_s.parse() {
            Ok(seconds) => nanos(seconds)?.clamp(begin, end),
            Err(_) => begin,
        };
        let upstream_end = match self.upstream_seconds.parse() {
            Ok(seconds) => upstream_begin.saturating_add(nanos(seconds)?).min(end),
            Err(_) => end,
        };
        Some(Times { begin, end, upstream_begin, upstream_end })
    }
}

/// A number nginx may write as "-", nothing or with leading zeros.
pub(crate) fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// nginx knows milliseconds; more digits would be made up by the conversion. A negative time is zero; none is what is
/// no number or too far away to be counted in nanoseconds, such as `inf`.
fn nanos(seconds: f64) -> Option<u64> {
    let milliseconds = (seconds * 1000.0).round();
    if milliseconds.is_nan() { None } else { (milliseconds as u64).checked_mul(1_000_000) }
}
