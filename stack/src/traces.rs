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

/// A trace that has to be there, with who has to be in it: a service that answered and whose spans are all missing leaves
/// no gap in the tree.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The trace.
    pub id: TraceId,
    /// `service.name` of each hop that the answer tells of.
    pub services: Vec<String>,
}

/// What became of a trace.
pub enum Found {
    /// Nothing is missing.
    Whole(TraceTree),
    /// Something is missing still, after the limit: what.
    Broken(TraceTree, Vec<String>),
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
    pub async fn whole(&self, wanted: &Wanted, limit: Duration) -> Result<Found, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            let tree = self.tree(wanted.id).await?.map(|tree| (wanted.missing(&tree), tree));
            match tree {
                Some((missing, tree)) if missing.is_empty() => return Ok(Found::Whole(tree)),
                Some((missing, tree)) if Instant::now() >= deadline => return Ok(Found::Broken(tree, missing)),
                None if Instant::now() >= deadline => return Ok(Found::Unknown),
                _ => tokio::time::sleep(READ_AGAIN_AFTER).await,
            }
        }
    }
}

impl Wanted {
    /// The trace of an answer of the chain: its `X-Trace-Id` and its `steps`.
    pub fn of_answer(trace_id: &str, body: &[u8]) -> Result<Self, String> {
        let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let steps = answer["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
        let services = steps.iter().filter_map(|step| step["service"].as_str()).map(str::to_owned).collect();
        Ok(Self { id: parse_id(trace_id)?, services })
    }

    /// What a tree lacks, in words; nothing when it is whole.
    fn missing(&self, tree: &TraceTree) -> Vec<String> {
        let serves = |service: &str| {
            tree.nodes.iter().any(|node| node.service == service && node.kind == otlp::SpanKind::Server)
        };
        let absent = self.services.iter().filter(|service| !serves(service));
        let absent = absent.map(|service| format!("{service} answered but has no span"));
        tree.problems().iter().map(ToString::to_string).chain(absent).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use otlp::encode::{SpanRecord, TraceRequest, Value};

    #[test]
    fn a_hop_that_answered_and_left_no_span_is_missed() {
        let body = br#"{"steps": [{"service": "user-service"}, {"service": "audit-service"}]}"#;
        let wanted = Wanted::of_answer("0af7651916cd43dd8448eb211c80319c", body).unwrap();
        let mut request = TraceRequest::new(&[("service.name", Value::Str("user-service"))], "test", "");
        request.push(&SpanRecord {
            trace_id: wanted.id,
            span_id: otlp::SpanId([1; 8]),
            kind: otlp::SpanKind::Server,
            name: "POST /process",
            ..SpanRecord::default()
        });
        let tree = TraceTree::from_protobuf(wanted.id, [request.bytes()]).unwrap();
        assert!(tree.is_whole(), "nothing points to what is missing");
        assert_eq!(wanted.missing(&tree), ["audit-service answered but has no span"]);
    }
}
