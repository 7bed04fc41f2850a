//! Reading traces back from the observatory.

use crate::failure::Failure;
use crate::settings::Settings;
use crate::supervisor::Status;
use otlp::{TraceId, TraceTree};
use reqwest::{Client, StatusCode};
use std::time::{Duration, Instant};

/// A local store answers at once; a busy one is asked again.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How often a trace that is not whole is read again.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Two export delays and the gateway's reading of its log, on a busy machine.
pub const WHOLE_LIMIT: Duration = Duration::from_secs(15);

/// The API of an observatory.
#[derive(Clone)]
pub struct Traces {
    client: Client,
    base: String,
}

/// What became of a trace.
pub enum Found {
    /// Nothing is missing.
    Whole(TraceTree),
    /// Something is missing still, after the limit.
    Broken(TraceTree),
    /// No span of it came.
    Unknown,
}

impl Traces {
    /// The observatory at `http://127.0.0.1:port`.
    pub fn at(port: u16) -> Result<Self, Failure> {
        let client = Client::builder().timeout(ANSWER_LIMIT).no_proxy().build();
        let client = client.map_err(|error| Failure::failed(format!("HTTP client: {error}")))?;
        Ok(Self { client, base: Settings::url(port) })
    }

    /// The observatory of a running stack, unless its spans go elsewhere.
    pub fn of(status: &Status) -> Result<Self, Failure> {
        match &status.elsewhere {
            None => Self::at(status.settings.ports.observatory),
            Some(elsewhere) => Err(Failure::failed(cannot_read_back(elsewhere))),
        }
    }

    /// The page that draws a trace.
    pub fn page(&self, id: &str) -> String {
        format!("{}/trace/{id}", self.base)
    }

    /// The trace as OTLP JSON; `None` when it is unknown.
    pub async fn json(&self, id: &str) -> Result<Option<String>, Failure> {
        let url = format!("{}/api/traces/{id}", self.base);
        let failed = |error: reqwest::Error| {
            Failure::failed(format!("the observatory at {} does not answer: {error}", self.base))
        };
        let answer = self.client.get(url).send().await.map_err(failed)?;
        match answer.status() {
            StatusCode::OK => answer.text().await.map(Some).map_err(failed),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(Failure::failed(format!("the observatory answers {status} for trace {id}"))),
        }
    }

    /// The trace as a tree; `None` when it is unknown.
    pub async fn tree(&self, id: TraceId) -> Result<Option<TraceTree>, Failure> {
        let Some(json) = self.json(&id.to_string()).await? else { return Ok(None) };
        let tree = TraceTree::from_json(id, json.as_bytes());
        tree.map(Some).map_err(|error| Failure::failed(format!("trace {id} cannot be read: {error}")))
    }

    /// Reads a trace until it is whole, or until the limit.
    pub async fn whole(&self, id: TraceId, limit: Duration) -> Result<Found, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            let tree = self.tree(id).await?;
            match tree {
                Some(tree) if tree.is_whole() => return Ok(Found::Whole(tree)),
                Some(tree) if Instant::now() >= deadline => return Ok(Found::Broken(tree)),
                None if Instant::now() >= deadline => return Ok(Found::Unknown),
                _ => tokio::time::sleep(READ_AGAIN_AFTER).await,
            }
        }
    }
}

/// Why traces are not shown when spans go to somebody else.
pub fn cannot_read_back(elsewhere: &str) -> String {
    format!("spans go to {elsewhere} (OTEL_EXPORTER_OTLP_ENDPOINT); traces cannot be read back from there")
}

/// Parses an id as people paste it.
pub fn parse_id(text: &str) -> Result<TraceId, String> {
    let id: TraceId = text.trim().parse().map_err(|_| format!("{text:?} is not a trace id (32 hex digits)"))?;
    if id.is_valid() { Ok(id) } else { Err("the zero id names no trace".into()) }
}
