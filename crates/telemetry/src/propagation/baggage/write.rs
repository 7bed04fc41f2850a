//! From baggage to a header.

use opentelemetry::baggage::Baggage;

use super::{BYTES, MEMBERS, grammar};

/// The header's value: the members with one of these keys, in the order of the keys. Empty where there is none.
///
/// A member whose properties are no properties is left out, and so is each that would go beyond [`BYTES`]; no member is
/// ever written in part.
pub(in super::super) fn write(baggage: &Baggage, keys: &[String]) -> String {
    let mut text = String::new();
    for key in keys.iter().take(MEMBERS) {
        let Some((value, metadata)) = baggage.get_with_metadata(key) else { continue };
        let before = text.len();
        if before > 0 {
            text.push(',');
        }
        text.push_str(key);
        text.push('=');
        grammar::encode(value.as_str(), &mut text);
        let metadata = metadata.as_str();
        if !metadata.is_empty() {
            text.push(';');
        }
        // An application may have set them to anything, a comma and another member included.
        let properties = if metadata.is_empty() {
            Some(String::new())
        } else {
            grammar::properties(metadata.as_bytes().split(|byte| *byte == b';'))
        };
        match properties {
            Some(properties) if text.len() + properties.len() <= BYTES => text.push_str(&properties),
            _ => text.truncate(before),
        }
    }
    text
}
