//! The gateway's own refusals: status, problem, headers, and the log line their trace is made from.

use crate::client::{self, Answer};
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use serde_json::json;

crate::expectations! {
    an_unknown_path_is_404,
    what_only_looks_like_an_exposed_path_is_404,
    a_path_that_needs_escaping_is_not_repeated_in_the_problem,
    a_wrong_method_is_405_with_allow,
    trace_is_405_with_allow,
    a_broken_request_line_is_400,
    a_request_without_host_is_400_and_keeps_its_route,
    a_body_that_says_it_is_too_large_is_413,
    a_chunked_body_that_grows_too_large_is_413,
    the_largest_body_passes,
    a_request_line_that_is_too_long_is_414,
    headers_that_are_too_large_are_431,
    an_unknown_transfer_coding_is_501_and_an_unknown_version_505,
    a_refusal_of_head_has_no_body,
    a_conditional_request_for_nothing_is_still_404,
    health_is_its_own_and_leaves_no_trace,
}

/// Every member the error contract asks for, the id answered, and the same id in the log.
fn assert_problem(gateway: &Gateway, answer: &Answer, status: u16, code: &str, retryable: bool) -> serde_json::Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.one("Content-Type"), "application/problem+json");
    assert_eq!(answer.one("Cache-Control"), "no-store");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("/problems/{code}"));
    assert_eq!(problem["code"], code);
    assert_eq!(problem["retryable"], retryable);
    assert_eq!(problem["service"], "api-gateway");
    assert_eq!(problem["trace_id"], answer.trace_id());
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    let line = gateway.log(1).remove(0);
    assert_eq!(line["trace_id"], answer.trace_id());
    assert_eq!(line["status"], status.to_string());
    gateway.assert_opens(answer.trace_id());
    line
}

fn gateway() -> (Stub, Gateway) {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    (stub, gateway)
}

pub fn an_unknown_path_is_404() {
    for path in ["/", "/nothing", "/metrics", "/api/v1/process/x", "/API/v1/process", "/api/v1//process", "/.problem"] {
        let (stub, gateway) = gateway();
        let answer = client::get(gateway.address, path);
        let line = assert_problem(&gateway, &answer, 404, "not-found", false);
        assert_eq!(answer.json()["instance"], path);
        assert_eq!((&line["route"], &line["path"], &line["method"]), (&json!(""), &json!(path), &json!("GET")));
        assert!(stub.requests().is_empty());
    }
}

pub fn what_only_looks_like_an_exposed_path_is_404() {
    for path in
        ["/api/v1/users/..", "/api/v1/users/%2e%2e", "/api/v1/x/../process", "/api/v1/users/1/2", "/api/v1/%70rocess"]
    {
        let (stub, gateway) = gateway();
        assert_problem(&gateway, &client::get(gateway.address, path), 404, "not-found", false);
        assert!(stub.requests().is_empty(), "{path}");
    }
}

pub fn a_path_that_needs_escaping_is_not_repeated_in_the_problem() {
    let (_stub, gateway) = gateway();
    let answer = client::get(gateway.address, "/\"},\\{\"");
    let line = assert_problem(&gateway, &answer, 404, "not-found", false);
    assert_eq!(answer.json().get("instance"), None);
    assert_eq!(line["path"], "/\"},\\{\"");
}

pub fn a_wrong_method_is_405_with_allow() {
    let (stub, gateway) = gateway();
    let answer = client::get(gateway.address, "/api/v1/process");
    let line = assert_problem(&gateway, &answer, 405, "method-not-allowed", false);
    assert_eq!(answer.one("Allow"), "POST");
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/v1/process"), &json!("GET")));
    assert!(stub.requests().is_empty());
}

pub fn trace_is_405_with_allow() {
    let (_stub, gateway) = gateway();
    let answer = client::request(gateway.address, "TRACE /api/v1/users", &[]);
    let line = assert_problem(&gateway, &answer, 405, "method-not-allowed", false);
    assert_eq!(answer.one("Allow"), "GET, HEAD, POST");
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/v1/users"), &json!("TRACE")));
}

pub fn a_broken_request_line_is_400() {
    for request in ["GARBAGE\r\n\r\n", "G\u{1}T / HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\n\r\n"] {
        let (_stub, gateway) = gateway();
        let answer = client::send(gateway.address, request.as_bytes());
        let line = assert_problem(&gateway, &answer, 400, "bad-request", false);
        assert_eq!(line["route"], "");
    }
}

pub fn a_request_without_host_is_400_and_keeps_its_route() {
    let (_stub, gateway) = gateway();
    let answer = client::send(gateway.address, b"POST /api/v1/process HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    let line = assert_problem(&gateway, &answer, 400, "bad-request", false);
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/v1/process"), &json!("POST")));
}

pub fn a_body_that_says_it_is_too_large_is_413() {
    let (stub, gateway) = gateway();
    let answer = client::post(gateway.address, "/api/v1/process", &"x".repeat(256 * 1024 + 1));
    let line = assert_problem(&gateway, &answer, 413, "payload-too-large", false);
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/v1/process"), &json!("POST")));
    assert!(stub.requests().is_empty());
}

pub fn a_chunked_body_that_grows_too_large_is_413() {
    let (stub, gateway) = gateway();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(5);
    let head = "POST /api/v1/process HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = client::send(gateway.address, format!("{head}{chunk}0\r\n\r\n").as_bytes());
    assert_problem(&gateway, &answer, 413, "payload-too-large", false);
    assert!(stub.requests().is_empty(), "the service never got a whole request");
}

pub fn the_largest_body_passes() {
    let (stub, gateway) = gateway();
    let body = "x".repeat(256 * 1024);
    assert_eq!(client::post(gateway.address, "/api/v1/process", &body).status, 200);
    assert_eq!(stub.only_request().body, body.as_bytes());
}

pub fn a_request_line_that_is_too_long_is_414() {
    let (_stub, gateway) = gateway();
    let answer = client::get(gateway.address, &format!("/{}", "x".repeat(9000)));
    let line = assert_problem(&gateway, &answer, 414, "uri-too-long", false);
    assert_eq!(line["method"], "GET");
}

pub fn headers_that_are_too_large_are_431() {
    let (_stub, gateway) = gateway();
    let large = format!("X-Large: {}", "x".repeat(9000));
    let answer = client::request(gateway.address, "GET /api/v1/users", &[&large]);
    let line = assert_problem(&gateway, &answer, 431, "headers-too-large", false);
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/v1/users"), &json!("GET")));
}

pub fn an_unknown_transfer_coding_is_501_and_an_unknown_version_505() {
    let (_stub, gateway_501) = gateway();
    let answer = client::request(gateway_501.address, "POST /api/v1/process", &["Transfer-Encoding: br"]);
    assert_problem(&gateway_501, &answer, 501, "not-implemented", false);
    let (_stub, gateway_505) = gateway();
    let answer = client::send(gateway_505.address, b"GET /api/v1/users HTTP/2.0\r\nHost: x\r\n\r\n");
    assert_problem(&gateway_505, &answer, 505, "version-not-supported", false);
}

pub fn a_refusal_of_head_has_no_body() {
    let (_stub, gateway) = gateway();
    let answer = client::request(gateway.address, "HEAD /nothing", &[]);
    assert_eq!((answer.status, answer.body.as_str()), (404, ""));
    assert_eq!(gateway.log(1)[0]["trace_id"], answer.trace_id());
    assert_eq!(gateway.log(1)[0]["method"], "HEAD");
    gateway.assert_opens(answer.trace_id());
}

pub fn a_conditional_request_for_nothing_is_still_404() {
    let (_stub, gateway) = gateway();
    let answer = client::request(gateway.address, "GET /nothing", &["If-Match: \"x\"", "Range: bytes=0-1"]);
    assert_problem(&gateway, &answer, 404, "not-found", false);
}

pub fn health_is_its_own_and_leaves_no_trace() {
    let (stub, gateway) = gateway();
    let answer = client::get(gateway.address, "/health");
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
    assert!(answer.all("X-Trace-Id").is_empty());
    let answer = client::request(gateway.address, "POST /health", &["Content-Length: 0"]);
    assert_problem(&gateway, &answer, 405, "method-not-allowed", false);
    assert_eq!(answer.one("Allow"), "GET, HEAD");
    assert!(stub.requests().is_empty());
}
