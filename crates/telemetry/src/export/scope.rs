//! What stands in front of the records of an instrumentation scope.

use opentelemetry::InstrumentationScope;
use otlp::encode;
use otlp::field;

use crate::recording::scalar;

/// The scope and its schema's URL, as they stand in `ScopeSpans`.
pub(crate) fn prefix(scope: &InstrumentationScope) -> Vec<u8> {
    let mut prefix = Vec::new();
    field::message(&mut prefix, 1, |out| {
        if !scope.name().is_empty() {
            field::text(out, 1, scope.name());
        }
        if let Some(version) = scope.version().filter(|version| !version.is_empty()) {
            field::text(out, 2, version);
        }
        for attribute in scope.attributes() {
            encode::append_attributes(out, 3, [(attribute.key.as_str(), scalar(&attribute.value, None))]);
        }
    });
    if let Some(schema_url) = scope.schema_url() {
        field::text(&mut prefix, 3, schema_url);
    }
    prefix
}
