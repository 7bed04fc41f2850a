//! One chain and one request of every kind, so that every span, attribute and event that is documented comes up.

use std::collections::BTreeSet;

use otlp::TraceTree;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::openmetrics::Exposition;
use testkit::{Answer, Client};

use crate::harness::{Chain, Plan};

/// What came of the requests.
pub struct Seen {
    /// The trace of each request.
    pub traces: Vec<TraceTree>,
    /// `/metrics` of each service.
    pub metrics: Vec<String>,
}

/// Sends the requests and gathers what was recorded of them.
pub async fn everything() -> Seen {
    // Names and email addresses are attributes only where this allows it.
    let names = ("TELEMETRY_PII", "plain".to_owned());
    // Faults are there only where they are switched on.
    let faults = [("FAULTS", "1".to_owned()), ("FAULTS_LISTEN", "127.0.0.1:0".to_owned())];
    // An export that nobody takes is counted as well: of metrics, whose traces are not missed.
    let nobody = [
        ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1/v1/metrics".to_owned()),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "1".to_owned()),
    ];
    let variables = [names].into_iter().chain(faults).chain(nobody).collect();
    let chain = Plan { variables, ..Plan::usual().await }.start().await;
    let mut ids = send(&chain).await;
    ids.insert(with_a_fault(&chain).await);
    let Chain { backend, gateway, user, order, audit, .. } = chain;
    let mut metrics = Vec::new();
    for server in [user, order, audit] {
        let telemetry = server.telemetry().clone();
        let flushed = tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic");
        assert!(flushed.is_err(), "nobody takes the metrics");
        let text = Client::new(server.address()).get("/metrics").await.text;
        Exposition::parse(&text);
        metrics.push(text);
        // Its end sends the last spans.
        server.stop().await;
    }
    gateway.stop().await;
    let store = backend.server().store();
    let trace = |id: &String| store.trace(id.parse().expect("a trace id")).expect("the trace arrived").tree();
    Seen { traces: ids.iter().map(trace).collect(), metrics }
}

async fn send(chain: &Chain) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let process = "/api/v1/process";
    let first = request(chain, Method::POST, process, json!({"user_id": 1001, "action": "test"}), 200).await;
    let order = first.body["order"]["id"].as_str().expect("an order").to_owned();
    ids.insert(first.trace_id().to_owned());
    let new = json!({"user_id": 7, "user_name": "John Doe", "user_email": "john@example.com", "action": "a"});
    let user = json!({"name": "Alan Turing", "email": "alan.turing@example.com"});
    let gold = json!({"user_id": 1001, "action": "a", "items": [{"sku": "gold", "quantity": 1}]});
    let unknown_method = Method::from_bytes(b"FOOBAR").expect("a token");
    let requests = [
        (Method::POST, process, new, 200),
        (Method::POST, process, gold, 422),
        (Method::GET, "/api/v1/users", Value::Null, 200),
        (Method::POST, "/api/v1/users", user.clone(), 201),
        (Method::POST, "/api/v1/users", user, 409),
        (unknown_method, "/api/v1/users", Value::Null, 405),
        (Method::GET, "/api/v1/users/1001", Value::Null, 200),
        (Method::GET, "/api/v1/error", Value::Null, 500),
        (Method::GET, "/api/v1/orders", Value::Null, 200),
        (Method::GET, &format!("/api/v1/orders/{order}"), Value::Null, 200),
        (Method::GET, "/api/v1/audit", Value::Null, 200),
        (Method::GET, "/nowhere", Value::Null, 404),
    ];
    for (method, path, body, status) in requests {
        let answer = request(chain, method, path, body, status).await;
        ids.insert(answer.header("x-trace-id").to_owned());
    }
    ids
}

/// A request that meets a fault in each service.
async fn with_a_fault(chain: &Chain) -> String {
    for server in [&chain.user, &chain.order, &chain.audit] {
        let private = Client::new(server.faults_address().expect("faults are on"));
        let answer = private.post("/faults", &json!({"faults": ["slow_query=1ms"], "for_ms": 60_000})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let body = json!({"user_id": 1001, "action": "a"});
    request(chain, Method::POST, "/api/v1/process", body, 200).await.trace_id().to_owned()
}

async fn request(chain: &Chain, method: Method, path: &str, body: Value, status: u16) -> Answer {
    let request = chain.client.request(method, path).header("user-agent", "documents");
    let answer = Answer::of(if body.is_null() { request } else { request.json(&body) }).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text);
    answer
}
