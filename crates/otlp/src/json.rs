//! OTLP JSON: protobuf's JSON mapping with hexadecimal ids, numbers for enumerations and
//! 64-bit integers as strings (OTLP specification, "JSON Protobuf Encoding").
//!
//! What has its default value is left out. `Resource.entity_refs`, which is under development, is
//! not carried over.

mod any_value;
mod error;
mod object;
mod read;
mod read_span;
mod source;
mod write;

pub use error::JsonError;

use crate::walk::DecodeError;

/// A protobuf `ExportTraceServiceRequest` as OTLP JSON: `{"resourceSpans":[...]}`.
pub fn from_protobuf(request: &[u8]) -> Result<String, DecodeError> {
    write::request(request)
}

/// OTLP JSON as a protobuf `ExportTraceServiceRequest`.
///
/// Besides what OTLP asks for, snake-case field names and the names of enumeration values are read,
/// and numbers where strings are due. Unknown fields are ignored.
pub fn to_protobuf(json: &[u8]) -> Result<Vec<u8>, JsonError> {
    let value: serde_json::Value = serde_json::from_slice(json)?;
    read::request(&value)
}
