//! Refusals that are actix-web's own, and errors that no handler has turned into a problem.

use testkit::{Answer, raw};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_framework_is_a_problem_that_gives_nothing_away() {
    let service = service::start().await;
    let answer = service.client.get("/io").await;
    answer.expect_problem(500, "internal");
    assert!(!answer.text.contains("canary"), "{}", answer.text);
    let outline = "test-service server GET /io [error: 500]";
    service.backend.flushed(&service.server, answer.trace_id(), outline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_has_the_members_of_rfc_9457_and_of_the_contract() {
    let service = service::start().await;
    let answer = service.client.get("/nothing/here?token=canary-4711").await;
    answer.expect_problem(404, "not-found");
    let body = answer.body.as_object().expect("an object");
    let mut members: Vec<_> = body.keys().map(String::as_str).collect();
    members.sort_unstable();
    let expected = ["code", "detail", "instance", "retryable", "service", "status", "title", "trace_id", "type"];
    assert_eq!(members, expected);
    assert_eq!(body["type"], "/problems/not-found");
    assert_eq!(body["instance"], "/nothing/here");
    assert_eq!(body["service"], "test-service");
    let tree = service.backend.flushed(&service.server, answer.trace_id(), "test-service server GET").await;
    assert!(!format!("{tree:?}").contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_is_422() {
    let service = service::start().await;
    assert_eq!(service.client.get("/query?number=7").await.text, "7");
    for query in ["", "?number=256", "?number=x", "?number=7&more=canary-4711", "?number=7&number=8"] {
        let answer = service.client.get(&format!("/query{query}")).await;
        answer.expect_problem(422, "invalid-request");
        testkit::refusals::unrepeated(&answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_are_no_routes_are_problems_whatever_they_are_made_of() {
    let service = service::start().await;
    for path in [
        "/fine/",
        "//fine",
        "/FINE",
        "/%66%69ne/x",
        "/a%00b",
        "/%ff",
        "/..%2f..%2fetc",
        "/%3Cscript%3E",
        "/%7Bid%7D",
        "/a%0d%0ab",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = raw::exchange(service.server.address(), request.as_bytes()).await;
        answer.expect_problem(404, "not-found");
    }
    let head = Answer::of(service.client.request(reqwest::Method::HEAD, "/fine")).await;
    assert_eq!((head.status, head.header("allow"), head.text.as_str()), (405, "GET", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_compressed_is_no_json() {
    let service = service::start().await;
    let request = service.client.request(reqwest::Method::POST, "/panic").header("content-type", "application/json");
    let answer = Answer::of(request.header("content-encoding", "gzip").body(vec![0x1f, 0x8b, 8, 0])).await;
    answer.expect_problem(400, "malformed-json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_408_and_holds_nobody() {
    let service = service::start().await;
    let head = "POST /panic HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let answer = raw::exchange(service.server.address(), head.as_bytes()).await;
    answer.expect_problem(408, "request-timeout");
    let tree = service.backend.flushed(&service.server, answer.trace_id(), "test-service server POST /panic").await;
    testkit::conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_no_more_time_than_its_request() {
    let service = service::start().await;
    let head = "POST /panic HTTP/1.1\r\nHost: test\r\nX-Internal-Timeout-Ms: 100\r\nContent-Type: application/json\r\n";
    let answer =
        raw::exchange(service.server.address(), format!("{head}Content-Length: 100\r\n\r\n{{").as_bytes()).await;
    answer.expect_problem(408, "request-timeout");
    let words = answer.body["detail"].as_str().unwrap_or_default();
    let limit_ms: Option<u32> = words.split(' ').rev().nth(1).and_then(|number| number.parse().ok());
    assert!(limit_ms.is_some_and(|limit_ms| limit_ms <= 100), "{words}");
}
