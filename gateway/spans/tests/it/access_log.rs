//! The access log of stock nginx: what gateway-spans makes spans from.

use crate::client;
use crate::nginx::Gateway;
use crate::stub::{Reply, Stub};
use serde_json::json;

#[test]
fn the_service_is_given_the_first_half_of_the_request_id_as_its_parent() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let answer = client::get(gateway.address, "/api/v1/users");
    let id = answer.trace_id();
    assert_eq!(gateway.log(1)[0]["request_id"], id);
    assert_eq!(stub.only_request().all("traceparent"), [format!("00-{id}-{}-01", &id[..16])]);
}

#[test]
fn the_log_line_has_what_the_spans_need() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let gateway = Gateway::before(stub.address);
    let answer = client::request(gateway.address, "GET /api/v1/users", &["User-Agent: a\"b\\c\u{e4}"]);
    let line = gateway.log(1).remove(0);
    assert_eq!(line["request_id"], answer.trace_id());
    assert_eq!(line["trace_id"], answer.trace_id());
    assert_eq!((&line["parent_id"], &line["sampled"]), (&json!(""), &json!(1)));
    assert_eq!((&line["scheme"], &line["protocol"]), (&json!("http"), &json!("HTTP/1.1")));
    assert_eq!((&line["host"], &line["client"]), (&json!("gateway.test"), &json!("127.0.0.1")));
    assert_eq!(line["port"], gateway.address.port().to_string());
    assert_eq!(line["user_agent"], "a\"b\\c\u{e4}");
    assert_eq!((&line["upstream"], &line["upstream_path"]), (&json!(stub.address.to_string()), &json!("/users")));
    assert_eq!((&line["upstream_status"], &line["response_body_bytes"]), (&json!("200"), &json!(2)));
    let seconds = |name: &str| line[name].as_f64().or_else(|| line[name].as_str()?.parse().ok()).unwrap();
    // All three are read from the same clock; upstream_seconds is not.
    assert!(seconds("upstream_start_s") >= seconds("end_s") - seconds("seconds") - 0.0005, "{line}");
    assert!(seconds("upstream_start_s") <= seconds("end_s"), "{line}");
    assert!(seconds("upstream_seconds") >= 0.0, "{line}");
}
