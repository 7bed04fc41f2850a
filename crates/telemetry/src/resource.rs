//! What the spans of this process are said to come from.
//!
//! Source: OpenTelemetry semantic conventions 1.42, resource attributes.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

use crate::config::Config;
use crate::semconv;

/// What makes the spans. `opentelemetry` is for the SDKs of OpenTelemetry itself.
const SDK_NAME: &str = "tracechain-telemetry";

/// The resource of `config`'s process. Attributes of the environment win over detected ones, but for the service's name,
/// which the configuration has settled already.
pub(crate) fn resource(config: &Config) -> Resource {
    let mut attributes = vec![
        KeyValue::new("service.version", config.service_version.clone()),
        KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string()),
        KeyValue::new("deployment.environment.name", "development"),
        KeyValue::new("process.pid", i64::from(std::process::id())),
        KeyValue::new("telemetry.sdk.language", "rust"),
        KeyValue::new("telemetry.sdk.name", SDK_NAME),
        KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    if let Ok(name) = std::fs::read_to_string("/proc/sys/kernel/hostname") {
        attributes.push(KeyValue::new("host.name", name.trim().to_owned()));
    }
    attributes.extend(config.resource_attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())));
    attributes.push(KeyValue::new("service.name", config.service_name.clone()));
    Resource::builder_empty().with_schema_url(attributes, semconv::SCHEMA_URL).build()
}
