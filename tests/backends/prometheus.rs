//! What Prometheus is asked over its HTTP API.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use serde_json::Value;

/// A series' labels, its name among them.
pub type Labels = BTreeMap<String, String>;

/// How far back exemplars and ranges go: longer than any test runs.
const WINDOW: Duration = Duration::from_secs(3600);

/// A client.
#[derive(Clone)]
pub struct Prometheus {
    base: String,
    client: reqwest::Client,
}

/// A series and its value.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The series.
    pub labels: Labels,
    /// Its value.
    pub value: f64,
}

/// A measurement with its trace.
#[derive(Debug, Clone)]
pub struct Exemplar {
    /// The name of the metric that it belongs to.
    pub metric: String,
    /// Who made the metric, where two make the same.
    source: String,
    /// Its own labels.
    pub labels: Labels,
}

impl Exemplar {
    /// Whether this program made the metric.
    pub fn is_from(&self, source: &str) -> bool {
        self.source == source
    }
}

impl Prometheus {
    /// The one at this address.
    pub fn at(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { base: format!("http://{address}/api/v1/"), client }
    }

    /// What an expression gives now.
    pub async fn query(&self, expression: &str) -> Result<Vec<Sample>, String> {
        let data = self.get("query", &[("query", expression)]).await?;
        let samples = data["result"].as_array().ok_or_else(|| format!("{expression}: no result"))?;
        let sample = |sample: &Value| {
            let value = sample["value"][1].as_str().and_then(|value| value.parse().ok());
            Sample { labels: labels(&sample["metric"]), value: value.expect("a value") }
        };
        Ok(samples.iter().map(sample).collect())
    }

    /// What an expression gives at each step of the last hour: series, each with the number of its points.
    pub async fn range(&self, expression: &str, step: &str) -> Result<Vec<(Labels, usize)>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
        let (start, end) = ((now - WINDOW).as_secs().to_string(), now.as_secs().to_string());
        let parameters = [("query", expression), ("start", &start), ("end", &end), ("step", step)];
        let data = self.get("query_range", &parameters).await?;
        let series = data["result"].as_array().ok_or_else(|| format!("{expression}: no result"))?;
        let points = |series: &Value| series["values"].as_array().map_or(0, Vec::len);
        Ok(series.iter().map(|series| (labels(&series["metric"]), points(series))).collect())
    }

    /// The sum of all series that a selector has; zero where there is none.
    pub async fn sum(&self, selector: &str) -> Result<f64, String> {
        Ok(self.query(&format!("sum({selector})")).await?.first().map_or(0.0, |sample| sample.value))
    }

    /// All exemplars of the series that a selector has.
    pub async fn exemplars(&self, selector: &str) -> Result<Vec<Exemplar>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
        let (start, end) = ((now - WINDOW).as_secs().to_string(), (now + WINDOW).as_secs().to_string());
        let data = self.get("query_exemplars", &[("query", selector), ("start", &start), ("end", &end)]).await?;
        let series = data.as_array().ok_or_else(|| format!("{selector}: no exemplars"))?;
        let of_series = |series: &Value| {
            let metric = series["seriesLabels"]["__name__"].as_str().unwrap_or_default().to_owned();
            let source = series["seriesLabels"]["source"].as_str().unwrap_or_default().to_owned();
            let exemplars = series["exemplars"].as_array().cloned().unwrap_or_default();
            exemplars.into_iter().map(move |exemplar| Exemplar {
                metric: metric.clone(),
                source: source.clone(),
                labels: labels(&exemplar["labels"]),
            })
        };
        Ok(series.iter().flat_map(of_series).collect())
    }

    /// Every rule, with how its last evaluation went.
    pub async fn rules(&self) -> Result<Vec<Value>, String> {
        let data = self.get("rules", &[]).await?;
        let groups = data["groups"].as_array().ok_or("no groups")?;
        Ok(groups.iter().flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default()).collect())
    }

    /// The values that a label has in the series of a selector.
    pub async fn label_values(&self, selector: &str, label: &str) -> Result<Vec<String>, String> {
        let data = self.get(&format!("label/{label}/values"), &[("match[]", selector)]).await?;
        let values = data.as_array().ok_or_else(|| format!("{selector}: no values"))?;
        Ok(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let url = Url::parse_with_params(&format!("{}{path}", self.base), parameters).expect("a URL");
        let answer = self.client.get(url).send().await.map_err(|error| error.to_string())?;
        let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        match answer["status"].as_str() {
            Some("success") => Ok(answer["data"].clone()),
            _ => Err(format!("{parameters:?}: {answer}")),
        }
    }
}

fn labels(object: &Value) -> Labels {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
