//! A JSON object that is being read: fields by name, errors with their path.

use serde_json::{Map, Value};

use super::JsonError;
use super::any_value::read_double;

/// Whole numbers up to this one are exact as a JSON number with a fraction or an exponent.
const MAX_EXACT_DOUBLE: f64 = 9_007_199_254_740_992.0;

/// An object.
#[derive(Clone, Copy)]
pub(super) struct Source<'v> {
    fields: &'v Map<String, Value>,
}

impl<'v> Source<'v> {
    pub(super) fn new(value: &'v Value) -> Result<Self, JsonError> {
        let fields = value.as_object().ok_or_else(|| JsonError::expected("an object"))?;
        Ok(Self { fields })
    }

    /// The field in camel case or else in snake case. A null stands for a missing one.
    fn get(self, name: &str) -> Option<&'v Value> {
        let found = self.fields.get(name).or_else(|| self.fields.get(&snake_case(name)));
        found.filter(|value| !value.is_null())
    }

    fn read<T: Default>(
        self,
        name: &str,
        what: &'static str,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Result<T, JsonError> {
        let Some(value) = self.get(name) else {
            return Ok(T::default());
        };
        read(value).ok_or_else(|| JsonError::expected(what).in_field(name))
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn text(self, name: &str) -> Result<&'v str, JsonError> {
        self.read(name, "a string", Value::as_str)
    }

    pub(super) fn boolean(self, name: &str) -> Result<bool, JsonError> {
        self.read(name, "true or false", Value::as_bool)
    }

    pub(super) fn double(self, name: &str) -> Result<f64, JsonError> {
        self.read(name, "a number", read_double)
    }

    pub(super) fn int(self, name: &str) -> Result<i64, JsonError> {
        self.read(name, "a 64-bit integer", |value| match value {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    pub(super) fn uint(self, name: &str) -> Result<u64, JsonError> {
        self.read(name, "an unsigned 64-bit integer", |value| match value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)?.try_into().ok()),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    pub(super) fn uint32(self, name: &str) -> Result<u32, JsonError> {
        let number = self.uint(name)?;
        number.try_into().map_err(|_| JsonError::expected("a 32-bit number").in_field(name))
    }

    /// An enumeration's number, or the position of its name among `names`.
    pub(super) fn enumeration(self, name: &str, names: &[&str]) -> Result<i32, JsonError> {
        self.read(name, "the number of an enumeration", |value| match value {
            Value::String(text) => match names.iter().position(|known| known == text) {
                Some(position) => i32::try_from(position).ok(),
                None => text.parse().ok(),
            },
            value => value.as_i64()?.try_into().ok(),
        })
    }

    /// Hexadecimal digits of either case.
    pub(super) fn hex(self, name: &str) -> Result<Vec<u8>, JsonError> {
        self.read(name, "an even number of hexadecimal digits", |value| {
            let digits = value.as_str()?.as_bytes();
            let pairs = digits.chunks_exact(2);
            if !pairs.remainder().is_empty() {
                return None;
            }
            let digit = |digit: u8| char::from(digit).to_digit(16);
            pairs.map(|pair| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()).collect()
        })
    }

    /// Reads the object in a field, if it is there.
    pub(super) fn object(
        self,
        name: &str,
        read: impl FnOnce(Source<'v>) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        match self.get(name) {
            Some(value) => Source::new(value).and_then(read).map_err(|error| error.in_field(name)),
            None => Ok(()),
        }
    }

    /// Reads each object of the array in a field, if it is there.
    pub(super) fn each(
        self,
        name: &str,
        mut read: impl FnMut(Source<'v>) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let Some(value) = self.get(name) else {
            return Ok(());
        };
        let items = value.as_array().ok_or_else(|| JsonError::expected("an array").in_field(name))?;
        for (index, item) in items.iter().enumerate() {
            Source::new(item).and_then(&mut read).map_err(|error| error.in_element(index).in_field(name))?;
        }
        Ok(())
    }
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= MAX_EXACT_DOUBLE).then_some(number as i64)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
