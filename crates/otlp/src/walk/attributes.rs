//! Attributes: keys with values.

use super::value::check_value;
use super::wire::Fields;
use super::{AnyValue, DecodeError};

/// The attributes of a resource, scope, span, event or link, in the order in which they were sent.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    fields: Fields<'a>,
    number: u32,
}

impl<'a> Attributes<'a> {
    /// The attributes in field `number` of a checked part of a message.
    pub(super) fn new(section: &'a [u8], number: u32) -> Self {
        Self { fields: Fields::new(section), number }
    }

    /// The value of the first attribute with this key.
    pub fn get(mut self, key: &str) -> Option<AnyValue<'a>> {
        self.find(|(found, _)| *found == key).map(|(_, value)| value)
    }
}

impl Default for Attributes<'_> {
    fn default() -> Self {
        Self::new(&[], 1)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, AnyValue<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while let Ok(Some((number, wire))) = self.fields.next() {
            if number == self.number {
                return parse(wire.bytes("KeyValue").ok()?).ok();
            }
        }
        None
    }
}

#[inline]
fn parse(message: &[u8]) -> Result<(&str, AnyValue<'_>), DecodeError> {
    let mut key = "";
    let mut value = AnyValue::Empty;
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("KeyValue"))? {
        match number {
            1 => key = wire.text("KeyValue.key")?,
            2 => value = AnyValue::parse(wire.bytes("KeyValue.value")?)?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// Checks a `KeyValue` and all inside of its value.
#[inline]
pub(super) fn check_attribute(message: &[u8], depth: usize) -> Result<(), DecodeError> {
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("KeyValue"))? {
        match number {
            1 => drop(wire.text("KeyValue.key")?),
            2 => check_value(wire.bytes("KeyValue.value")?, depth)?,
            _ => {}
        }
    }
    Ok(())
}
