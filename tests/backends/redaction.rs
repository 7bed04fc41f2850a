//! What programs should not have told goes no further than the Collector.

use native::backends::Ports;
use serde_json::json;
use testkit::Client;

use crate::set::{Set, Wanted};

/// A trace of a program that is not ours.
const TRACE: &str = "5b8efff798038103d269b633813fc60c";
/// What must not be anywhere in what is stored, and under which key it was told.
const SECRETS: [(&str, &str); 5] = [
    ("http.request.header.authorization", "Basic Y2FuYXJ5OmNhbmFyeQ=="),
    ("app.password", "canary-4711"),
    ("note", "write to canary@example.com about it"),
    ("other", "Bearer canary.4711.abc"),
    ("session.cookie", "canary=1"),
];

/// Credentials by the names of their keys, addresses and tokens by what they look like. The rest of a span stays.
pub async fn credentials_and_addresses_go_no_further_than_the_collector() {
    let set = Set::start(&Wanted::default()).await;
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let mut attributes: Vec<_> = SECRETS.iter().map(|(key, value)| attribute(key, value)).collect();
    attributes.push(attribute("order.id", "4711"));
    let span = json!({
        "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "GET", "kind": 3, "attributes": attributes,
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000100000000",
    });
    let resource = json!({"attributes": [attribute("service.name", "stranger")]});
    let body = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]});
    let collector = Client::new(Ports::address(set.settings.ports.collector_http));
    assert_eq!(collector.post("/v1/traces", &body).await.status, 200);
    let tree = set.observatory().trace(TRACE, |tree| !tree.is_empty()).await;
    let node = &tree.nodes[0];
    for (key, value) in SECRETS {
        let stored = node.attribute(key).map(ToString::to_string).unwrap_or_default();
        let leaked = value.split([' ', ':', '=']).filter(|word| word.contains("canary") || word.starts_with("Y2Fu"));
        assert!(leaked.clone().count() > 0, "{key} has nothing to leak");
        leaked.for_each(|word| assert!(!stored.contains(word), "{key} is stored as {stored}"));
    }
    assert_eq!(node.attribute("order.id").map(ToString::to_string).as_deref(), Some("4711"));
    assert_eq!((node.service.as_str(), node.name.as_str()), ("stranger", "GET"));
}
