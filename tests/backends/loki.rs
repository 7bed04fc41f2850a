//! What Loki is asked over its HTTP API.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use serde_json::Value;

/// How far back is searched: longer than any test runs.
const WINDOW: Duration = Duration::from_secs(3600);
/// More records than any test makes.
const MOST_FOUND: &str = "5000";

/// A client.
#[derive(Clone)]
pub struct Loki {
    base: String,
    client: reqwest::Client,
}

/// A stream of records, or a series that was made of records.
#[derive(Debug)]
pub struct Found {
    /// Its labels; of records those of their structured metadata, too.
    pub labels: BTreeMap<String, String>,
    /// How many records or samples.
    pub values: usize,
}

impl Loki {
    /// The one at this address.
    pub fn at(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { base: format!("http://{address}/loki/api/v1/"), client }
    }

    /// What a LogQL query finds.
    pub async fn query(&self, query: &str) -> Result<Vec<Found>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
        let (start, end) = ((now - WINDOW).as_nanos().to_string(), now.as_nanos().to_string());
        let parameters = [("query", query), ("start", &start), ("end", &end), ("limit", MOST_FOUND)];
        let url = Url::parse_with_params(&format!("{}query_range", self.base), parameters).expect("a URL");
        let answer = self.client.get(url).send().await.map_err(|error| error.to_string())?;
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_str(&text).map_err(|_| format!("{query}: {text}"))?;
        let found = answer["data"]["result"].as_array().ok_or_else(|| format!("{query}: {text}"))?;
        Ok(found.iter().map(of_one).collect())
    }
}

fn of_one(one: &Value) -> Found {
    let labels = if one["stream"].is_object() { &one["stream"] } else { &one["metric"] };
    let labels = labels.as_object().into_iter().flatten();
    let labels = labels.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    Found { labels: labels.collect(), values: one["values"].as_array().map_or(0, Vec::len) }
}
