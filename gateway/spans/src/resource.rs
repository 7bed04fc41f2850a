//! What the spans are said to come from. Source: OpenTelemetry semantic conventions, resource attributes.

use crate::Config;
use otlp::encode::{TraceRequest, Value};

/// An empty request of the gateway's resource. The environment's attributes win over detected ones.
pub(crate) fn empty_request(config: &Config) -> TraceRequest {
    let instance = uuid::Uuid::now_v7().to_string();
    let detected = [
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", &instance),
        ("deployment.environment.name", "development"),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.name", "gateway-spans"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    let given = || config.resource_attributes.iter().filter(|(name, _)| name != "service.name");
    let mut attributes = vec![("service.name", Value::Str(&config.service_name))];
    let others = detected.iter().filter(|(name, _)| !given().any(|(own, _)| own == name));
    attributes.extend(others.map(|(name, value)| (*name, Value::Str(value))));
    attributes.extend(given().map(|(name, value)| (name.as_str(), Value::Str(value))));
    TraceRequest::new(&attributes, env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}
