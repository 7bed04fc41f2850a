//! Rate, simultaneous requests, slow clients.

use crate::client;
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use crate::wait;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Short, since the test waits for it, but it runs from when a connection is there: a machine that stands still for so long
/// before anything is sent has the connection closed without a line in the log.
const HEADER_PATIENCE: Duration = Duration::from_secs(2);

crate::expectations! {
    too_many_requests_are_429_with_retry_after,
    too_many_requests_at_the_same_time_are_429,
    a_client_that_is_slow_with_its_headers_is_disconnected_and_logged,
    a_client_that_is_slow_with_its_body_is_disconnected_and_logged,
}

pub fn too_many_requests_are_429_with_retry_after() {
    for path in ["/api/v1/users", "/nothing", "/api/v1/process"] {
        let stub = Stub::start(|_| Reply::ok("{}"));
        let gateway = Gateway::start(stub.address, |config| {
            config.rate_per_second = 1;
            config.burst = 2;
        });
        let mut answers: Vec<_> = (0..8).map(|_| client::get(gateway.address, path)).collect();
        let refused = |answers: &[client::Answer]| answers.iter().filter(|answer| answer.status == 429).count();
        assert!(refused(&answers) <= 5, "three are let through at once: {answers:?}");
        // On a machine that stands still each may come a second after the one before.
        wait::until("one is refused", || {
            answers.push(client::get(gateway.address, path));
            (refused(&answers) > 0).then_some(())
        });
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
        for answer in &refused {
            assert_eq!(answer.one("Content-Type"), "application/problem+json");
            assert_eq!(answer.one("Retry-After"), "1");
            let problem = answer.json();
            assert_eq!((problem["code"].as_str(), problem["retryable"].as_bool()), (Some("rate-limited"), Some(true)));
            assert_eq!(problem["trace_id"], answer.trace_id());
        }
        let logged = gateway.log(answers.len());
        for answer in &answers {
            assert!(logged.iter().any(|line| line["trace_id"] == answer.trace_id()), "{answer:?}");
            gateway.assert_opens(answer.trace_id());
        }
    }
}

pub fn too_many_requests_at_the_same_time_are_429() {
    let stub = Stub::start(|request| if request.line.contains("/error") { Reply::Silence } else { Reply::ok("{}") });
    let gateway = Gateway::start(stub.address, |config| config.connections_per_address = 1);
    let mut busy = TcpStream::connect(gateway.address).unwrap();
    busy.write_all(b"GET /api/v1/error HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    crate::wait::until("the first request is under way", || (stub.requests().len() == 1).then_some(()));
    assert_eq!(client::get(gateway.address, "/api/v1/users").status, 429);
}

pub fn a_client_that_is_slow_with_its_headers_is_disconnected_and_logged() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::start(stub.address, |config| config.header_timeout = HEADER_PATIENCE);
    let mut slow = TcpStream::connect(gateway.address).unwrap();
    slow.write_all(b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nX-Slow").unwrap();
    let mut rest = Vec::new();
    // Closed with a reset or with an end.
    let _ = slow.read_to_end(&mut rest);
    assert!(rest.is_empty());
    let line = gateway.log(1).remove(0);
    assert_eq!((line["status"].as_str(), line["method"].as_str()), (Some("408"), Some("GET")));
}

pub fn a_client_that_is_slow_with_its_body_is_disconnected_and_logged() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::start(stub.address, |config| config.body_timeout = Duration::from_millis(200));
    let mut slow = TcpStream::connect(gateway.address).unwrap();
    slow.write_all(b"POST /api/v1/process HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{").unwrap();
    let _ = slow.read_to_end(&mut Vec::new());
    let line = gateway.log(1).remove(0);
    assert_eq!((line["status"].as_str(), line["route"].as_str()), (Some("408"), Some("/api/v1/process")));
    assert!(stub.requests().is_empty(), "the service never got a whole request");
}
