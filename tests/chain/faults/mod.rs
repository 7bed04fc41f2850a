//! Faults on purpose: what each does to a request, that they end, and who is refused.

mod ends;
mod kinds;
mod refusals;

use otlp::tree::Value;
use reqwest::Method;
use serde_json::json;
use testkit::openmetrics::Exposition;
use testkit::{Answer, Client};

use crate::harness::{Chain, Plan};

/// Switches faults on in all services, on ports of their own.
fn on() -> Vec<(&'static str, String)> {
    vec![("FAULTS", "1".to_owned()), ("FAULTS_LISTEN", "127.0.0.1:0".to_owned())]
}

/// A chain that can be asked for faults, with more variables.
async fn chain(more: &[(&'static str, &str)]) -> Chain {
    let mut variables = on();
    variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Plan { variables, ..Plan::usual().await }.start().await
}

/// A service's private port.
fn private(server: &chassis::Server) -> Client {
    Client::new(server.faults_address().expect("FAULTS is 1"))
}

/// Asks a service for faults for a minute.
async fn set(server: &chassis::Server, faults: &[&str]) {
    let answer = private(server).post("/faults", &json!({"faults": faults, "for_ms": 60_000})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Ends all faults of a service.
async fn clear(server: &chassis::Server) -> Answer {
    Answer::of(private(server).request(Method::DELETE, "/faults")).await
}

/// Whether a service's metric says that a kind is on; `None` where it has no such metric.
async fn gauge(server: &chassis::Server, kind: &str) -> Option<f64> {
    let text = Client::new(server.address()).get("/metrics").await.text;
    let samples = Exposition::parse(&text).0;
    let found =
        samples.iter().find(|sample| sample.name == "tracechain_fault_active" && sample.labels["fault_kind"] == kind);
    found.map(|sample| sample.value)
}

/// A text attribute.
fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Str(text)) => Some(text),
        _ => None,
    }
}
