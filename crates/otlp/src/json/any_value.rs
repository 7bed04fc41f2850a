//! Attributes and their values, to JSON and from it.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde_json::Value;

use super::JsonError;
use super::object::{list, object, string};
use super::source::Source;
use crate::field;
use crate::walk::{AnyValue, Attributes};

/// Protobuf's JSON mapping lets a sender leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn attribute(out: &mut String, (key, value): (&str, AnyValue<'_>)) {
    object(out, |fields| {
        string(fields.field("key"), key);
        any_value(fields.field("value"), value);
    });
}

fn any_value(out: &mut String, value: AnyValue<'_>) {
    object(out, |fields| match value {
        AnyValue::Empty => {}
        AnyValue::Str(value) => string(fields.field("stringValue"), value),
        AnyValue::Bool(value) => {
            let _ = write!(fields.field("boolValue"), "{value}");
        }
        AnyValue::Int(value) => {
            let _ = write!(fields.field("intValue"), "\"{value}\"");
        }
        AnyValue::Double(value) => double(fields.field("doubleValue"), value),
        AnyValue::Array(values) => object(fields.field("arrayValue"), |fields| {
            list(fields.field("values"), values, any_value);
        }),
        AnyValue::KvList(values) => object(fields.field("kvlistValue"), |fields| {
            kvlist(fields.field("values"), values);
        }),
        AnyValue::Bytes(value) => string(fields.field("bytesValue"), &STANDARD.encode(value)),
    });
}

fn kvlist(out: &mut String, values: Attributes<'_>) {
    list(out, values, attribute);
}

fn double(out: &mut String, value: f64) {
    match serde_json::Number::from_f64(value) {
        Some(number) => {
            let _ = write!(out, "{number}");
        }
        None if value.is_nan() => out.push_str("\"NaN\""),
        None if value > 0.0 => out.push_str("\"Infinity\""),
        None => out.push_str("\"-Infinity\""),
    }
}

/// Reads attributes into field `number`.
pub(super) fn read_attributes(out: &mut Vec<u8>, number: u32, source: Source<'_>) -> Result<(), JsonError> {
    source.each("attributes", |item| read_attribute(out, number, item))
}

fn read_attribute(out: &mut Vec<u8>, number: u32, item: Source<'_>) -> Result<(), JsonError> {
    field::try_message(out, number, |out| {
        field::text(out, 1, item.text("key")?);
        item.object("value", |value| field::try_message(out, 2, |out| read_any_value(out, value)))
    })
}

fn read_any_value(out: &mut Vec<u8>, value: Source<'_>) -> Result<(), JsonError> {
    if value.has("stringValue") {
        field::text(out, 1, value.text("stringValue")?);
    } else if value.has("boolValue") {
        field::uint(out, 2, value.boolean("boolValue")?.into());
    } else if value.has("intValue") {
        field::uint(out, 3, value.int("intValue")? as u64);
    } else if value.has("doubleValue") {
        field::double(out, 4, value.double("doubleValue")?);
    } else if value.has("arrayValue") {
        return value.object("arrayValue", |array| {
            field::try_message(out, 5, |out| {
                array.each("values", |item| field::try_message(out, 1, |out| read_any_value(out, item)))
            })
        });
    } else if value.has("kvlistValue") {
        return value.object("kvlistValue", |list| {
            field::try_message(out, 6, |out| list.each("values", |item| read_attribute(out, 1, item)))
        });
    } else if value.has("bytesValue") {
        let bytes =
            base64(value.text("bytesValue")?).ok_or_else(|| JsonError::expected("base64").in_field("bytesValue"))?;
        field::bytes(out, 7, &bytes);
    }
    Ok(())
}

/// Reads base64 of either alphabet, as protobuf's JSON mapping asks.
fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

/// Reads a double, which may be a number or one of its names.
pub(super) fn read_double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok(),
        },
        _ => None,
    }
}
