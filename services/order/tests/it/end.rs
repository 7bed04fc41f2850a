//! How an order ends, by what the next service does, as the lists show it.

use serde_json::json;
use testkit::client::TRACE;
use testkit::stub::Behaviour;
use testkit::{Answer, Running, Stub, raw, stub};

use crate::service;

fn problem(status: u16, code: &str) -> Behaviour {
    let body = json!({
        "type": "about:blank", "title": "T", "status": status, "detail": "D", "instance": "/process", "code": code,
        "service": "audit-service", "trace_id": null, "retryable": status == 503,
    });
    Behaviour::Answer(status, "application/problem+json", body.to_string())
}

async fn process_within(service: &Running, millis: u64) -> Answer {
    // With a connection that is there already: what it has is for the call.
    service.well("/orders").await;
    let message = service::message(json!([{"sku": "book", "quantity": 1}]));
    let request = service.client.request(reqwest::Method::POST, "/process").json(&message);
    let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    Answer::of(request.header("X-Internal-Timeout-Ms", millis)).await
}

/// The one order there is has this state in the list, by itself, and on its span.
async fn expect_state(service: &Running, answer: &Answer, state: &str) {
    let order = service::only_order(service).await;
    assert_eq!(order["state"], state, "{}", answer.text);
    let shown = service.client.get(&format!("/orders/{}", order["id"].as_str().expect("an id"))).await;
    assert_eq!(shown.body, order);
    service.flush().await;
    let tree = service.backend.trace(TRACE, |tree| tree.len() >= 8).await;
    let server = tree.find("order-service", "POST /process").expect("the server span");
    assert_eq!(server.attribute("order.state").and_then(otlp::tree::Value::as_str), Some(state));
    assert_eq!(server.is_error(), answer.status >= 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_completes_it() {
    let (service, _stub) = service::before(Behaviour::Reply).await;
    let answer = process_within(&service, 60_000).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    expect_state(&service, &answer, "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_says_that_nothing_was_done_cancels_it() {
    for (status, code) in
        [(503, "database-unavailable"), (503, "not-ready"), (422, "invalid-request"), (409, "conflict")]
    {
        let (service, _stub) = service::before(problem(status, code)).await;
        let answer = process_within(&service, 60_000).await;
        answer.expect_problem(status, code);
        expect_state(&service, &answer, "cancelled").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_cancels_it() {
    let nobody = stub::nobody();
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", nobody)).await;
    let answer = process_within(&service, 60_000).await;
    answer.expect_problem(503, "dependency-unavailable");
    expect_state(&service, &answer, "cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_what_was_done_leaves_it_unknown() {
    let unclear = [
        (502, "bad-upstream-response", Behaviour::Answer(200, "application/json", "garbage".to_owned())),
        (502, "bad-upstream-response", problem(500, "internal")),
        (502, "bad-upstream-response", problem(502, "bad-upstream-response")),
        (504, "outcome-unknown", problem(504, "outcome-unknown")),
        (504, "outcome-unknown", Behaviour::Close),
    ];
    for (status, code, behaviour) in unclear {
        let (service, _stub) = service::before(behaviour).await;
        let answer = process_within(&service, 60_000).await;
        answer.expect_problem(status, code);
        expect_state(&service, &answer, "unknown").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_leaves_it_unknown() {
    let (service, stub) = service::before(Behaviour::Silence).await;
    let answer = process_within(&service, 5_000).await;
    answer.expect_problem(504, "outcome-unknown");
    assert_eq!(stub.received().len(), 1);
    expect_state(&service, &answer, "unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_transaction_is_open_while_the_next_service_works() {
    let (service, stub) = service::before(Behaviour::Silence).await;
    let asking = process_within(&service, 5_000);
    let looking = async {
        stub.asked(1).await;
        assert_eq!(service::only_order(&service).await["state"], "pending");
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'order_service' AND xact_start IS NOT NULL";
        assert_eq!(service.database.count(open).await, 0);
    };
    let (answer, ()) = tokio::join!(asking, looking);
    answer.expect_problem(504, "outcome-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_leave_it_pending() {
    let stub = Stub::start(Behaviour::Silence).await;
    let limits = [("NEXT_SERVICE_URL", stub.url()), ("REQUEST_TIMEOUT_MS", "5000".to_owned())];
    let service =
        service::start(|settings| limits.into_iter().fold(settings, |all, (name, value)| all.with(name, value))).await;
    service.well("/orders").await;
    let message = service::message(json!([{"sku": "book", "quantity": 1}])).to_string();
    let connection = raw::send(service.server.address(), &raw::post("/process", &message)).await;
    stub.asked(1).await;
    drop(connection);
    let settled = async { while service::only_order(&service).await["state"] == "pending" {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), settled).await.expect("the order's end is noted");
    assert_eq!(service::only_order(&service).await["state"], "unknown");
}
