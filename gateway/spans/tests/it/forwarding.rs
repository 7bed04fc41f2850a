//! What a service gets, and what becomes of its answer.

use crate::client;
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use serde_json::json;

crate::expectations! {
    every_copy_of_a_foreign_trace_header_is_removed,
    every_request_has_a_trace_of_its_own,
    each_exposed_path_reaches_its_service,
    the_query_goes_on_and_is_not_logged,
    no_error_message_of_nginx_has_the_query,
    a_services_own_error_passes_unchanged,
    a_location_of_a_service_is_given_as_the_gateways,
    connections_to_a_service_are_used_again,
}

const FOREIGN: [&str; 13] = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "X-B3-TraceId",
    "X-B3-SpanId",
    "X-B3-ParentSpanId",
    "X-B3-Sampled",
    "X-B3-Flags",
    "uber-trace-id",
    "X-Internal-Timeout-Ms",
    "X-Request-Deadline",
    "X-Trace-Id",
];

pub fn every_copy_of_a_foreign_trace_header_is_removed() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let foreign = "00-11111111111111111111111111111111-2222222222222222-01";
    let headers: Vec<String> = FOREIGN
        .iter()
        .flat_map(|name| {
            [format!("{name}: {foreign}"), format!("{}:", name.to_uppercase()), format!("{name}: {foreign}x")]
        })
        .chain([format!("x_b3_traceid: {foreign}"), "X-Kept: yes".into()])
        .collect();
    let lines: Vec<&str> = headers.iter().map(String::as_str).collect();
    let answer = client::request(gateway.address, "GET /api/v1/users", &lines);
    assert_eq!(answer.status, 200);
    let request = stub.only_request();
    for name in &FOREIGN[1..] {
        assert_eq!(request.all(name), Vec::<&str>::new(), "{name}");
    }
    let parent = request.all("traceparent");
    assert!(parent.len() == 1 && parent[0].starts_with(&format!("00-{}-", answer.trace_id())), "{parent:?}");
    assert!(parent[0].len() == 55 && parent[0].ends_with("-01"), "{parent:?}");
    assert_eq!(request.all("X-Kept"), ["yes"]);
    assert!(!format!("{request:?}").contains("1111"), "{request:?}");
}

pub fn every_request_has_a_trace_of_its_own() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let first = client::get(gateway.address, "/api/v1/users");
    let second = client::get(gateway.address, "/api/v1/users");
    assert_ne!(first.trace_id(), second.trace_id());
}

pub fn each_exposed_path_reaches_its_service() {
    let stubs =
        ["user-service", "order-service", "audit-service"].map(|name| (name, Stub::start(move |_| Reply::ok(name))));
    let routes = [
        ("POST /api/v1/process", "/api/v1/process", "user-service", "POST /process HTTP/1.1"),
        ("GET /api/v1/users", "/api/v1/users", "user-service", "GET /users HTTP/1.1"),
        ("GET /api/v1/users/1001", "/api/v1/users/{id}", "user-service", "GET /users/1001 HTTP/1.1"),
        ("GET /api/v1/error", "/api/v1/error", "user-service", "GET /error HTTP/1.1"),
        ("GET /api/v1/orders", "/api/v1/orders", "order-service", "GET /orders HTTP/1.1"),
        ("GET /api/v1/orders/0190-ab_C", "/api/v1/orders/{id}", "order-service", "GET /orders/0190-ab_C HTTP/1.1"),
        ("GET /api/v1/audit", "/api/v1/audit", "audit-service", "GET /audit HTTP/1.1"),
    ];
    for (line, route, service, arrives) in routes {
        let gateway = Gateway::start(stubs[0].1.address, |config| {
            config.order_upstream = stubs[1].1.address;
            config.audit_upstream = stubs[2].1.address;
        });
        let answer = client::request(gateway.address, line, &["Content-Length: 0"]);
        assert_eq!((answer.status, answer.body.as_str()), (200, service), "{line}");
        let stub = stubs.iter().find(|(name, _)| *name == service).map(|(_, stub)| stub);
        assert_eq!(stub.unwrap().requests().last().unwrap().line, arrives);
        let logged = gateway.log(1).remove(0);
        assert_eq!((&logged["route"], &logged["service"]), (&json!(route), &json!(service)));
    }
}

pub fn the_query_goes_on_and_is_not_logged() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    client::get(gateway.address, "/api/v1/users?limit=5&token=s%20cret");
    assert_eq!(stub.only_request().line, "GET /users?limit=5&token=s%20cret HTTP/1.1");
    let line = gateway.log(1).remove(0);
    assert_eq!(line["path"], "/api/v1/users");
    assert!(!line.to_string().contains("cret"), "{line}");
}

pub fn no_error_message_of_nginx_has_the_query() {
    let gateway = Gateway::before(crate::nginx::free_address());
    client::get(gateway.address, "/api/v1/users?token=secret");
    client::get(gateway.address, "/nothing?token=secret");
    gateway.log(2);
    let errors = std::fs::read_to_string(gateway.directory().join("nginx.stderr")).unwrap();
    assert_eq!(errors, "");
}

pub fn a_services_own_error_passes_unchanged() {
    for status in [
        "400 Bad Request",
        "404 Not Found",
        "422 Unprocessable Entity",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ] {
        let headers = ["Content-Type: application/problem+json", "X-Trace-Id: service", "Retry-After: 7", "Allow: PUT"];
        let stub =
            Stub::start(move |_| Reply::Answer(status, headers.map(String::from).to_vec(), b"{\"own\":1}".to_vec()));
        let gateway = Gateway::before(stub.address);
        let answer = client::get(gateway.address, "/api/v1/users");
        assert_eq!((answer.status.to_string(), answer.body.as_str()), (status[..3].to_owned(), "{\"own\":1}"));
        assert_eq!((answer.one("Retry-After"), answer.one("Allow")), ("7", "PUT"));
        assert_eq!(gateway.log(1)[0]["trace_id"], answer.trace_id());
    }
}

pub fn a_location_of_a_service_is_given_as_the_gateways() {
    let stub = Stub::start(|_| Reply::Answer("201 Created", vec!["Location: /users/7".into()], vec![]));
    let gateway = Gateway::before(stub.address);
    let answer = client::post(gateway.address, "/api/v1/users", "{}");
    assert_eq!(answer.one("Location"), "/api/v1/users/7");
}

pub fn connections_to_a_service_are_used_again() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let before = stub.connections();
    // One connection of a client stays with one worker of nginx.
    let one = "GET /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4);
    client::send(
        gateway.address,
        format!("{one}GET /api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
    );
    gateway.log(5);
    assert_eq!((stub.requests().len(), stub.connections() - before), (5, 1));
}
