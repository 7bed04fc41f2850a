//! What Tempo is asked over its HTTP API.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use otlp::{TraceId, TraceTree};
use prost::encoding::{WireType, decode_key, decode_varint};
use reqwest::Url;
use serde_json::Value;

/// How far back is searched: longer than any test runs.
const WINDOW: Duration = Duration::from_secs(3600);
/// More traces than any test makes.
const MOST_FOUND: &str = "1000";

/// A client.
#[derive(Clone)]
pub struct Tempo {
    base: String,
    client: reqwest::Client,
}

impl Tempo {
    /// The one at this address.
    pub fn at(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { base: format!("http://{address}/api/"), client }
    }

    /// A trace; the error says that it is not there. The id may lack leading zeros.
    pub async fn trace(&self, trace_id: &str) -> Result<TraceTree, String> {
        let url = format!("{}v2/traces/{trace_id}", self.base);
        let request = self.client.get(url).header("accept", "application/protobuf");
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| error.to_string())?;
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)));
        }
        let id: TraceId = format!("{trace_id:0>32}").parse().expect("a trace id");
        let trace = trace_in(&body).ok_or("no trace in the answer")?;
        let tree = TraceTree::from_protobuf(id, [trace]).map_err(|error| error.to_string())?;
        // What it does not know is a trace without spans.
        if tree.is_empty() { Err(format!("{trace_id} is not there")) } else { Ok(tree) }
    }

    /// The ids of the traces that a TraceQL query finds, each with 32 digits.
    pub async fn search(&self, query: &str) -> Result<Vec<String>, String> {
        Ok(self.found(query).await?.iter().filter_map(id).collect())
    }

    /// The spans that a TraceQL query finds: the id of each one's trace, and its attributes of text that the query selects.
    pub async fn spans(&self, query: &str) -> Result<Vec<(String, BTreeMap<String, String>)>, String> {
        let text = |attribute: &Value| {
            let value = attribute["value"]["stringValue"].as_str()?;
            Some((attribute["key"].as_str()?.to_owned(), value.to_owned()))
        };
        let attributes = |span: &Value| list(&span["attributes"]).filter_map(text).collect();
        let mut spans = Vec::new();
        for trace in self.found(query).await? {
            let of_trace = list(&trace["spanSets"]).flat_map(|set| list(&set["spans"]));
            spans.extend(of_trace.map(|span| (id(&trace).unwrap_or_default(), attributes(span))));
        }
        Ok(spans)
    }

    async fn found(&self, query: &str) -> Result<Vec<Value>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
        let (start, end) = ((now - WINDOW).as_secs().to_string(), (now + WINDOW).as_secs().to_string());
        let parameters = [("q", query), ("start", &start), ("end", &end), ("limit", MOST_FOUND)];
        let url = Url::parse_with_params(&format!("{}search", self.base), parameters).expect("a URL");
        let answer = self.client.get(url).send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if !status.is_success() {
            return Err(format!("{query}: {status} {text}"));
        }
        let found: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(found["traces"].as_array().cloned().unwrap_or_default())
    }
}

/// Tempo leaves leading zeros out.
fn id(trace: &Value) -> Option<String> {
    trace["traceID"].as_str().map(|id| format!("{id:0>32}"))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The field `trace` (1) of a `TraceByIDResponse`, whose bytes are those of an OTLP request. Source: grafana/tempo,
/// pkg/tempopb/tempo.proto.
fn trace_in(mut message: &[u8]) -> Option<&[u8]> {
    while !message.is_empty() {
        let (field, wire_type) = decode_key(&mut message).ok()?;
        let number = decode_varint(&mut message).ok()?;
        if wire_type == WireType::LengthDelimited {
            let (content, rest) = message.split_at_checked(usize::try_from(number).ok()?)?;
            if field == 1 {
                return Some(content);
            }
            message = rest;
        }
    }
    None
}
