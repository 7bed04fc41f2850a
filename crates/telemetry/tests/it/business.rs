//! Spans, attributes and events of a service's own.

use otlp::tree::Value;

use crate::service::Running;

#[tokio::test(flavor = "multi_thread")]
async fn spans_are_nested_as_the_code_is_and_attributes_keep_their_types() {
    let service = Running::start("http://127.0.0.1").await;
    let below = "  test-service internal outer\n    test-service internal inner\n  test-service internal after";
    let tree = service.trace("/business", below).await;
    let server = tree.find("test-service", "GET /business").expect("the server span");
    assert_eq!(server.attribute("text"), Some(&Value::Str("a".to_owned())));
    assert_eq!(server.attribute("whole"), Some(&Value::Int(7)));
    assert_eq!(server.attribute("double"), Some(&Value::Double(0.5)));
    assert_eq!(server.attribute("yes"), Some(&Value::Bool(true)));
    let after = tree.find("test-service", "after").expect("the span of nothing");
    assert!(after.end_unix_nanos >= after.start_unix_nanos, "{after:?}");
    let inner = tree.find("test-service", "inner").expect("the inner span");
    assert_eq!(inner.attribute("depth"), Some(&Value::Int(2)));
    let outer = tree.find("test-service", "outer").expect("the outer span");
    assert_eq!(outer.events[0].name, "happened");
    assert_eq!(outer.events[0].attribute("times"), Some(&Value::Int(2)));
    testkit::conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_a_request_business_code_just_runs() {
    let total = telemetry::in_span("nowhere", async {
        telemetry::set_attribute("a", 1_i64);
        telemetry::set_personal_attribute("user.name", "nobody");
        telemetry::event("nothing", []);
        42
    })
    .await;
    assert_eq!((total, telemetry::trace_id(), telemetry::service_name()), (42, None, None));
}
