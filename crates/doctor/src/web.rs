//! Asking the programs on the way.

use reqwest::{Client, Response, StatusCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whatever does not answer by then will not help: the whole examination may take 15 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Exemplars that are older say nothing of now.
const EXEMPLARS_SINCE: Duration = Duration::from_secs(600);
/// Those of the Collector, with and without sampling.
const EXEMPLARS_OF: &str = "traces_span_metrics_duration_seconds_bucket or traces_kept_duration_seconds_bucket";

/// An HTTP client that goes straight to where it is told.
pub struct Web {
    client: Client,
}

impl Web {
    /// One client for everything.
    pub fn new() -> Self {
        // Without TLS there is nothing that could fail to be set up; a client of its own would do the same.
        Self { client: Client::builder().timeout(ANSWER_LIMIT).no_proxy().build().unwrap_or_default() }
    }

    /// The answer, whatever its status; the error in a few words.
    pub async fn get(&self, url: &str) -> Result<Response, String> {
        self.client.get(url).send().await.map_err(|error| in_words(&error))
    }

    /// The text of an answer with status 200.
    pub async fn text(&self, url: &str) -> Result<String, String> {
        let answer = self.get(url).await?;
        match answer.status() {
            StatusCode::OK => answer.text().await.map_err(|error| in_words(&error)),
            status => Err(format!("answers {status}")),
        }
    }

    /// The JSON of an answer with status 200.
    pub async fn json(&self, url: &str) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.text(url).await?).map_err(|_| "answers something else than JSON".to_owned())
    }

    /// A query of Prometheus: the values of its series.
    pub async fn query(&self, prometheus: &str, query: &str) -> Result<Vec<serde_json::Value>, String> {
        let url = reqwest::Url::parse_with_params(&format!("{prometheus}/api/v1/query"), [("query", query)]);
        let answer = self.json(url.map_err(|error| error.to_string())?.as_str()).await?;
        Ok(answer["data"]["result"].as_array().cloned().unwrap_or_default())
    }

    /// The trace ids of the exemplars of request durations in the last ten minutes, the newest last.
    pub async fn exemplars(&self, prometheus: &str) -> Result<Vec<String>, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (start, end) = ((now - EXEMPLARS_SINCE.as_secs()).to_string(), (now + 1).to_string());
        let parameters = [("query", EXEMPLARS_OF), ("start", &start), ("end", &end)];
        let url = reqwest::Url::parse_with_params(&format!("{prometheus}/api/v1/query_exemplars"), parameters);
        let answer = self.json(url.map_err(|error| error.to_string())?.as_str()).await?;
        let series = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let exemplars = series.iter().flat_map(|series| series["exemplars"].as_array().into_iter().flatten());
        let mut found: Vec<(f64, String)> = exemplars
            .filter_map(|exemplar| {
                Some((exemplar["timestamp"].as_f64()?, exemplar["labels"]["trace_id"].as_str()?.to_owned()))
            })
            .collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// Posts JSON.
    pub async fn post(&self, url: &str, body: &serde_json::Value) -> Result<Response, String> {
        self.client.post(url).json(body).send().await.map_err(|error| in_words(&error))
    }
}

fn in_words(error: &reqwest::Error) -> String {
    match () {
        () if error.is_timeout() => format!("does not answer within {} s", ANSWER_LIMIT.as_secs()),
        () if error.is_connect() => "cannot be reached".to_owned(),
        () => "breaks off its answer".to_owned(),
    }
}
