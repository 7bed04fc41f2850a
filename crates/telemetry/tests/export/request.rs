//! Who a request says that its spans are from.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope};
use testkit::Receiver;

use crate::pipeline::{pipeline, spans};

#[test]
fn a_request_names_the_service_the_scope_and_the_conventions_of_both() {
    let receiver = Receiver::start();
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "team=blue,deployment.environment.name=staging");
    let telemetry = pipeline(&receiver.endpoint(), &[attributes, ("OTEL_SERVICE_NAME", "shop")]);
    let names = spans(&telemetry, 3);
    telemetry.flush().expect("they arrive");
    let [request] = &receiver.requests()[..] else { panic!("one request: {:?}", receiver.requests()) };
    let [resource] = &request.traces().resource_spans[..] else { panic!("one resource: {request:?}") };
    let [scope] = &resource.scope_spans[..] else { panic!("one scope: {request:?}") };

    let known = resource.resource.as_ref().expect("a resource").attributes.iter();
    let known: BTreeMap<_, _> = known.map(|attribute| (attribute.key.as_str(), value(&attribute.value))).collect();
    let texts = [
        ("service.name", "shop"),
        ("service.version", "1.2.3"),
        ("team", "blue"),
        ("deployment.environment.name", "staging"),
        ("telemetry.sdk.language", "rust"),
        // The convention keeps "opentelemetry" for the SDKs of OpenTelemetry itself.
        ("telemetry.sdk.name", "tracechain-telemetry"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    for (key, text) in texts {
        assert_eq!(known[key], &Value::StringValue(text.to_owned()), "{key}");
    }
    assert_eq!(known["process.pid"], &Value::IntValue(std::process::id().into()));
    assert_eq!(resource.resource.as_ref().map(|resource| resource.attributes.len()), Some(known.len()), "a key twice");

    let (name, version) = ("telemetry".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let own = InstrumentationScope { name, version, ..InstrumentationScope::default() };
    assert_eq!(scope.scope, Some(own));
    assert!(scope.schema_url.starts_with("https://opentelemetry.io/schemas/1."), "{}", scope.schema_url);
    assert_eq!(resource.schema_url, scope.schema_url);
    assert_eq!(scope.spans.iter().map(|span| span.name.clone()).collect::<Vec<_>>(), names);
}

fn value(value: &Option<AnyValue>) -> &Value {
    value.as_ref().and_then(|value| value.value.as_ref()).expect("a value")
}
