//! Single attributes as members of a span, an event or a link.

use opentelemetry::{Array, KeyValue, Value};
use otlp::encode::{self, AttributeWriter};

/// Appends all of them: each key once, with the value that it was given last. Texts of more than `longest` characters are cut.
pub(super) fn append_all(out: &mut AttributeWriter<'_>, attributes: &[KeyValue], longest: Option<usize>) {
    for (at, attribute) in attributes.iter().enumerate() {
        if attributes[at + 1..].iter().all(|later| later.key != attribute.key) {
            append(out, attribute, longest);
        }
    }
}

/// Appends one.
pub(super) fn append(out: &mut AttributeWriter<'_>, attribute: &KeyValue, longest: Option<usize>) {
    let key = attribute.key.as_str();
    match &attribute.value {
        Value::Array(Array::Bool(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Bool(*value)))
        }
        Value::Array(Array::I64(values)) => out.push_array(key, values.iter().map(|value| encode::Value::Int(*value))),
        Value::Array(Array::F64(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Double(*value)));
        }
        Value::Array(Array::String(values)) => {
            out.push_array(key, values.iter().map(|value| encode::Value::Str(cut(value.as_str(), longest))));
        }
        value => out.push(key, scalar(value, longest)),
    }
}

/// A value that is no array, a text of it cut to `longest` characters; the API's enumeration is open, and what it may have one
/// day is left empty.
pub(crate) fn scalar(value: &Value, longest: Option<usize>) -> encode::Value<'_> {
    match value {
        Value::Bool(value) => encode::Value::Bool(*value),
        Value::I64(value) => encode::Value::Int(*value),
        Value::F64(value) => encode::Value::Double(*value),
        Value::String(value) => encode::Value::Str(cut(value.as_str(), longest)),
        _ => encode::Value::Str(""),
    }
}

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, length: Option<usize>) -> &str {
    match length {
        // A text has at most as many characters as bytes.
        Some(length) if text.len() > length => {
            text.char_indices().nth(length).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
        }
        _ => text,
    }
}
