//! `POST /process`: what is answered, and what is sent on.

use serde_json::{Value, json};
use testkit::stub::Behaviour;
use testkit::{Settings, Stub};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_the_user_the_steps_and_a_link_to_its_trace() {
    let service = service::alone().await;
    let answer = service.client.post("/process", &service::request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    let user = json!({"id": 1001, "name": "Ada Lovelace", "email": "ada.lovelace@example.com"});
    assert_eq!(answer.body["user"], user);
    let step = &answer.body["steps"][0];
    assert_eq!((&step["service"], &step["version"]), (&json!("user-service"), &json!(env!("CARGO_PKG_VERSION"))));
    assert!(step["duration_ms"].as_f64().is_some_and(|millis| millis > 0.0), "{step}");
    assert_eq!(answer.body["steps"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer.body["links"]["trace"], format!("http://127.0.0.1:8000/trace/{}", answer.trace_id()));
    for part in ["order", "audit"] {
        assert_eq!(answer.body.get(part), None, "{part} is of services that are not in this chain");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_follows_its_template() {
    let service =
        service::start(|settings| settings.with("TRACE_LINK", "https://traces.example/{trace_id}/view")).await;
    let answer = service.client.post("/process", &service::request()).await;
    assert_eq!(answer.body["links"]["trace"], format!("https://traces.example/{}/view", answer.trace_id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_to_the_next_service_is_built_anew() {
    let (service, stub) = service::before(Behaviour::Reply).await;
    let items = json!([{"sku": "book", "quantity": 2}]);
    let request = json!({"user_id": 1002, "user_name": "Not Her", "user_email": "not@example.com", "action": "buy", "items": items});
    let answer = service.client.post("/process", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let [received] = &stub.received()[..] else { panic!("one request") };
    let user = json!({"id": 1002, "name": "Grace Hopper", "email": "grace.hopper@example.com"});
    assert_eq!(received.body, json!({"user": user, "action": "buy", "items": items}));
    assert_eq!(received.header("content-type"), Some("application/json"));
    let traceparent = received.header("traceparent").expect("a traceparent");
    assert_eq!(&traceparent[3..35], answer.trace_id());
    // Sampled, and the id of a trace that begins here is random.
    assert_eq!(&traceparent[52..], "-03");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_the_reply_that_are_not_known_reach_the_caller() {
    let reply = json!({
        "user": {"id": 1001, "name": "Ada Lovelace", "email": "ada.lovelace@example.com"},
        "steps": [{"service": "risk-service", "version": "2", "duration_ms": 1.5}],
        "risk": {"score": 0.25, "reasons": ["new"]},
    });
    let (service, _stub) = service::before(Behaviour::Answer(200, "application/json", reply.to_string())).await;
    let answer = service.client.post("/process", &service::request()).await;
    assert_eq!(answer.body["risk"], reply["risk"]);
    let services: Vec<_> =
        answer.body["steps"].as_array().expect("steps").iter().map(|step| &step["service"]).collect();
    assert_eq!(services, ["user-service", "risk-service"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_service_gets_less_time_than_there_is() {
    let stub = Stub::start(Behaviour::Reply).await;
    let limits = |settings: Settings| settings.with("REQUEST_TIMEOUT_MS", "8000").with("NEXT_SERVICE_URL", stub.url());
    let service = service::start(limits).await;
    let left = |at: usize| {
        let value = stub.received()[at].header("x-internal-timeout-ms").map(str::to_owned);
        value.and_then(|value| value.parse::<u64>().ok()).expect("a number of milliseconds")
    };
    service.client.post("/process", &service::request()).await;
    assert!(left(0) < 8_000 && left(0) > 0, "{}", left(0));
    service::process_within(&service.client, 6_000).await;
    assert!(left(1) < 6_000 && left(1) > 0, "{}", left(1));
    // Nobody can ask for more than the service's own limit.
    service::process_within(&service.client, 3_600_000).await;
    assert!(left(2) < 8_000, "{}", left(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_time_left_is_503_and_asks_nobody() {
    let (service, stub) = service::before(Behaviour::Reply).await;
    let answer = service::process_within(&service.client, 0).await;
    assert_eq!((answer.status, &answer.body["retryable"]), (503, &Value::Bool(true)), "{}", answer.text);
    assert_eq!(stub.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failing_route_is_500_with_an_error_span() {
    let service = service::alone().await;
    let answer = service.client.get("/error").await;
    answer.expect_problem(500, "internal");
    assert_eq!(answer.body["detail"], "the service failed; the log has the reason");
    let tree = service.trace(&answer, "user-service server GET /error [error: 500]").await;
    assert_eq!(tree.nodes[0].events[0].name, "failing on purpose");
}
