//! `AnyValue` and the values inside of it.

use super::attributes::{Attributes, check_attribute};
use super::wire::Fields;
use super::{DecodeError, Fault};

/// How deep values may be nested. The deepest in real use are JSON documents as attributes;
/// the limit keeps the checking recursion's stack small.
pub const MAX_VALUE_DEPTH: usize = 32;

/// The value of an attribute.
#[derive(Debug, Clone, Copy, Default)]
pub enum AnyValue<'a> {
    /// No value, or one of a type that is newer than this code.
    #[default]
    Empty,
    /// A text.
    Str(&'a str),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Values in order.
    Array(Values<'a>),
    /// Values by key.
    KvList(Attributes<'a>),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> AnyValue<'a> {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&'a str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Reads an encoded `AnyValue`; what is inside of an array or a list is not checked yet.
    ///
    /// # Errors
    /// When the bytes are no such message.
    pub fn parse(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut value = Self::Empty;
        let mut fields = Fields::new(message);
        while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("AnyValue"))? {
            value = match number {
                1 => Self::Str(wire.text("AnyValue.string_value")?),
                2 => Self::Bool(wire.varint("AnyValue.bool_value")? != 0),
                3 => Self::Int(wire.varint("AnyValue.int_value")? as i64),
                4 => Self::Double(f64::from_bits(wire.fixed64("AnyValue.double_value")?)),
                5 => Self::Array(Values::new(wire.bytes("AnyValue.array_value")?)),
                6 => Self::KvList(Attributes::new(wire.bytes("AnyValue.kvlist_value")?, 1)),
                7 => Self::Bytes(wire.bytes("AnyValue.bytes_value")?),
                _ => value,
            };
        }
        Ok(value)
    }
}

/// The values of an array.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    fields: Fields<'a>,
}

impl<'a> Values<'a> {
    fn new(message: &'a [u8]) -> Self {
        Self { fields: Fields::new(message) }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = AnyValue<'a>;

    fn next(&mut self) -> Option<AnyValue<'a>> {
        while let Ok(Some((number, wire))) = self.fields.next() {
            if number == 1 {
                return AnyValue::parse(wire.bytes("ArrayValue.values").ok()?).ok();
            }
        }
        None
    }
}

/// Checks the value and all inside of it.
pub(super) fn check_value(message: &[u8], depth: usize) -> Result<(), DecodeError> {
    if depth > MAX_VALUE_DEPTH {
        return Err(Fault::Depth.at("AnyValue"));
    }
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next().map_err(|fault| fault.at("AnyValue"))? {
        match number {
            1 => drop(wire.text("AnyValue.string_value")?),
            2 => drop(wire.varint("AnyValue.bool_value")?),
            3 => drop(wire.varint("AnyValue.int_value")?),
            4 => drop(wire.fixed64("AnyValue.double_value")?),
            5 => check_each(wire.bytes("AnyValue.array_value")?, "ArrayValue.values", depth, check_value)?,
            6 => check_each(wire.bytes("AnyValue.kvlist_value")?, "KeyValueList.values", depth, check_attribute)?,
            7 => drop(wire.bytes("AnyValue.bytes_value")?),
            _ => {}
        }
    }
    Ok(())
}

fn check_each(
    message: &[u8],
    field: &'static str,
    depth: usize,
    check: fn(&[u8], usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next().map_err(|fault| fault.at(field))? {
        if number == 1 {
            check(wire.bytes(field)?, depth + 1)?;
        }
    }
    Ok(())
}
