//! What the next service's answer, or its silence, means for the caller.

use serde_json::json;
use testkit::stub::{self, Behaviour};

use crate::service;

fn problem(status: u16, code: &str) -> Behaviour {
    let body = json!({
        "type": format!("/problems/{code}"), "title": "T", "status": status, "detail": "what the next service says",
        "instance": "/process", "code": code, "service": "order-service", "trace_id": null, "retryable": status == 503,
        "errors": [{"pointer": "/items/0/sku", "detail": "is not in the catalogue"}],
    });
    Behaviour::Answer(status, "application/problem+json", body.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_503_as_nothing_was_done() {
    let nobody = stub::nobody();
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", nobody)).await;
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(503, "dependency-unavailable");
    let tree = service
        .trace(
            &answer,
            "
            user-service server POST /process [error: 503]
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST [error: connection_refused]",
        )
        .await;
    testkit::conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_504_and_the_trace_says_who_was_silent() {
    let (service, stub) = service::before(Behaviour::Silence).await;
    // With a connection that is there already: what it has is for the call.
    service.well("/users/1001").await;
    let answer = service::process_within(&service.client, 5_000).await;
    answer.expect_problem(504, "outcome-unknown");
    assert_eq!(stub.received().len(), 1, "it was asked, and never again");
    let tree = service
        .trace(
            &answer,
            "
            user-service server POST /process [error: 504]
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST [error: timeout]",
        )
        .await;
    // Half of what a request has that says nothing, and far longer than what this one had.
    let call = tree.find("user-service", "POST").expect("the call");
    assert!(call.duration_nanos() < 30_000_000_000, "it took {} ns", call.duration_nanos());
    let given: u64 = stub.received()[0].header("x-internal-timeout-ms").expect("its time").parse().expect("a number");
    assert!(given < 5_000, "{given} ms: as much as the request had, with nothing left for its own answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_504_as_something_may_have_been_done() {
    let (service, stub) = service::before(Behaviour::Close).await;
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(504, "outcome-unknown");
    assert_eq!(stub.received().len(), 1, "it was asked, and never again");
    service
        .trace(
            &answer,
            "
            user-service server POST /process [error: 504]
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST [error: connection_lost]",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_is_502() {
    let no_answers = [
        Behaviour::Answer(200, "application/json", "garbage".to_owned()),
        Behaviour::Answer(200, "application/json", "{}".to_owned()),
        Behaviour::Answer(200, "application/json", "x".repeat(2 * 1024 * 1024)),
        Behaviour::Answer(204, "application/json", String::new()),
        Behaviour::Answer(302, "text/html", String::new()),
        Behaviour::Answer(400, "text/html", "<h1>".to_owned()),
        Behaviour::Answer(422, "application/json", "{}".to_owned()),
        Behaviour::Answer(503, "text/plain", "over capacity".to_owned()),
        problem(400, "malformed-json"),
        problem(401, "who-are-you"),
        problem(413, "payload-too-large"),
        problem(500, "internal"),
        // What a wrong NEXT_SERVICE_URL gives, and a code that denies what its status says.
        problem(404, "not-found"),
        problem(504, "database-unavailable"),
    ];
    for behaviour in no_answers {
        let told = format!("{behaviour:?}").chars().take(100).collect::<String>();
        let (service, _stub) = service::before(behaviour).await;
        let answer = service.client.post("/process", &service::request()).await;
        assert_eq!(answer.status, 502, "{told}: {}", answer.text);
        answer.expect_problem(502, "bad-upstream-response");
        assert!(!answer.text.contains("errors"), "{told}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_next_service_is_passed_on() {
    let refusals = [
        (409, "conflict"),
        (422, "invalid-request"),
        (502, "bad-upstream-response"),
        (503, "database-unavailable"),
        (503, "dependency-unavailable"),
        (503, "not-ready"),
        (504, "outcome-unknown"),
    ];
    for (status, code) in refusals {
        let (service, _stub) = service::before(problem(status, code)).await;
        let answer = service.client.post("/process", &service::request()).await;
        answer.expect_problem(status, code);
        assert_eq!(answer.body["detail"], "what the next service says");
        assert_eq!(answer.pointers(), ["/items/0/sku"]);
        assert_eq!(answer.body["service"], "user-service");
        let server = if status >= 500 { format!(" [error: {status}]") } else { String::new() };
        service
            .trace(
                &answer,
                &format!(
                    "
                    user-service server POST /process{server}
                      user-service internal resolve profile
                        user-service client SELECT users
                      user-service client POST [error: {status}]"
                ),
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_503_is_still_one() {
    let (service, _stub) = service::before(problem(503, "out-of-paper")).await;
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(503, "dependency-unavailable");
}
