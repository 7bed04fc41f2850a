//! OTLP/HTTP: one request, and what its answer means. Source: OTLP specification 1.x, OTLP/HTTP response.

mod retry;

pub(crate) use retry::Backoff;

use crate::{Config, StartError};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use std::time::Duration;

/// More than any sensible answer; the rest of a larger one is not looked at.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What became of an export.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The collector has it, but for `rejected` spans it will never take.
    Taken { rejected: u64, message: String },
    /// The collector will never take it.
    Refused(String),
    /// To be tried again, not before the time the collector asked for.
    Again { after: Option<Duration>, reason: String },
}

/// Posts requests to a collector.
pub(crate) struct Exporter {
    client: Client,
    url: Url,
    headers: HeaderMap,
}

impl Exporter {
    pub fn new(config: &Config) -> Result<Self, StartError> {
        // Proxy variables of the environment are not meant for a collector on the same machine.
        let client = Client::builder().timeout(config.export_timeout).no_proxy().build()?;
        Ok(Self { client, url: config.traces_url.clone(), headers: config.headers.clone() })
    }

    /// One attempt.
    pub async fn send(&self, request: Vec<u8>) -> Outcome {
        let post = self.client.post(self.url.clone()).headers(self.headers.clone());
        let sent = post.header(CONTENT_TYPE, "application/x-protobuf").body(request).send().await;
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Outcome::Again { after: None, reason: reason(&error) },
        };
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        while let Ok(Some(piece)) = answer.chunk().await {
            let room = MAX_ANSWER_BYTES.saturating_sub(body.len()).min(piece.len());
            body.extend_from_slice(&piece[..room]);
            if room < piece.len() {
                break;
            }
        }
        judge(status, after.map(Duration::from_secs), &body)
    }
}

fn judge(status: StatusCode, after: Option<Duration>, body: &[u8]) -> Outcome {
    if status.is_success() {
        // An answer that cannot be read says that all is well, as its status does.
        let partial = otlp::walk::partial_success(body).unwrap_or_default();
        return Outcome::Taken { rejected: partial.rejected_spans, message: partial.error_message.to_owned() };
    }
    let reason = format!("status {}", status.as_u16());
    match status.as_u16() {
        429 | 502 | 503 | 504 => Outcome::Again { after, reason },
        _ => Outcome::Refused(reason),
    }
}

/// The innermost cause says what happened; the outer ones repeat the URL, which may hold a credential.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let judged = |status: u16| judge(StatusCode::from_u16(status).unwrap(), None, b"");
        for status in [429, 502, 503, 504] {
            assert!(matches!(judged(status), Outcome::Again { .. }), "{status}");
        }
        for status in [400, 401, 404, 413, 500, 501] {
            assert!(matches!(judged(status), Outcome::Refused(_)), "{status}");
        }
        assert_eq!(judged(200), Outcome::Taken { rejected: 0, message: String::new() });
    }
}
