//! What every route that takes a JSON body, and every list, has to refuse, whichever service it belongs to.

use std::net::SocketAddr;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::{Answer, Client, raw};

/// Stands in values that are refused, and must not come back in an answer.
pub const CANARY: &str = "canary-4711";
/// The largest body of the contract, in bytes.
const MOST_BODY_BYTES: usize = 256 * 1024;

/// Sends a POST route everything that is no JSON body, and checks each refusal.
pub async fn of_bodies(address: SocketAddr, path: &str) {
    let client = Client::new(address);
    not_json(&client, path).await;
    not_named_json(&client, path).await;
    too_large(address, path).await;
    for body in ["[]", "null", "17", "\"canary-4711\""] {
        let answer = send(&client, path, Some("application/json"), body).await;
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers(), [""], "{body}: {}", answer.text);
        unrepeated(&answer);
    }
}

async fn not_json(client: &Client, path: &str) {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 10] = [
        b"",
        b" ",
        b"{",
        b"canary-4711",
        br#"{"action": "canary-4711"#,
        br#"{"action": "canary-4711",}"#,
        br#"{} {"action": "canary-4711"}"#,
        br#"{"action": "canary-4711 \ud800"}"#,
        b"{\"action\": \"canary-4711 \xff\"}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = send(client, path, Some("application/json"), body.to_vec()).await;
        answer.expect_problem(400, "malformed-json");
        unrepeated(&answer);
    }
}

async fn not_named_json(client: &Client, path: &str) {
    let wrong = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        "application/jsonp",
        "json",
        "",
    ];
    for named in wrong.into_iter().map(Some).chain([None]) {
        let answer = send(client, path, named, "{\"action\": \"canary-4711\"}").await;
        answer.expect_problem(415, "unsupported-media-type");
        unrepeated(&answer);
    }
    for named in ["application/json; charset=utf-8", "Application/JSON"] {
        let answer = send(client, path, Some(named), "{}").await;
        answer.expect_problem(422, "invalid-request");
    }
}

async fn too_large(address: SocketAddr, path: &str) {
    let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n");
    let announced = format!("{head}Content-Length: {}\r\n\r\n", MOST_BODY_BYTES + 1);
    // The answer comes before a byte of the body has.
    raw::exchange(address, announced.as_bytes()).await.expect_problem(413, "payload-too-large");
    let chunk = " ".repeat(MOST_BODY_BYTES + 1);
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{chunk}", chunk.len());
    raw::exchange(address, chunked.as_bytes()).await.expect_problem(413, "payload-too-large");
    // The very last byte that is allowed is: what is refused here is what it says.
    let largest = format!("{{}}{}", " ".repeat(MOST_BODY_BYTES - 2));
    raw::exchange(address, &raw::post(path, &largest)).await.expect_problem(422, "invalid-request");
}

/// Asks a list for pages that cannot be, and for those that only just can.
pub async fn of_pages(client: &Client, path: &str) {
    let limits = ["0", "101", "-1", "many", "1.5", "99999999999999999999"].map(|limit| format!("limit={limit}"));
    // Not Base64, not JSON, and JSON of no list.
    let cursors = ["!", "Y2FuYXJ5", "eyJhIjoxfQ"].map(|cursor| format!("cursor={cursor}"));
    let others = ["page=2", "limit=1&limit=2", "limit=5&offset=canary-4711"].map(String::from);
    for query in limits.into_iter().chain(cursors).chain(others) {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.expect_problem(422, "invalid-request");
        assert!(answer.pointers().iter().all(|pointer| pointer.starts_with('?')), "{query}: {}", answer.text);
        assert!(!answer.pointers().is_empty(), "{query}: {}", answer.text);
        unrepeated(&answer);
    }
    let both = client.get(&format!("{path}?limit=0&cursor=!")).await;
    assert_eq!(both.pointers(), ["?limit", "?cursor"]);
    for limit in [1, 100] {
        assert_eq!(client.get(&format!("{path}?limit={limit}")).await.status, 200);
    }
}

/// Checks that a path answers 404, and other methods of a route 405 with what it allows.
pub async fn of_routes(client: &Client, path: &str, allowed: &str) {
    client.get(&format!("{path}/there/is/none")).await.expect_problem(404, "not-found");
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::from_bytes(b"BREW").expect("a method")] {
        let answer = Answer::of(client.request(method, path)).await;
        answer.expect_problem(405, "method-not-allowed");
        let mut allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(", "), allowed, "{path}");
    }
}

/// Checks that what was refused is not in the answer.
pub fn unrepeated(answer: &Answer) {
    assert!(!answer.text.contains(CANARY), "the input came back: {}", answer.text);
    let errors = answer.body["errors"].as_array().map(Vec::len).unwrap_or_default();
    assert_eq!(errors > 0, answer.status == 422, "{}", answer.text);
    assert_eq!(answer.body["instance"].as_str().map(|instance| instance.contains('?')), Some(false));
    assert_ne!(answer.body["trace_id"], Value::Null, "{}", answer.text);
}

async fn send(client: &Client, path: &str, named: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let mut request = client.request(Method::POST, path).body(body);
    if let Some(named) = named {
        request = request.header(CONTENT_TYPE, named);
    }
    Answer::of(request).await
}
