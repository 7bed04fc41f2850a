//! The protobuf wire format: tags, numbers, lengths; repeated fields of one number.

use super::{DecodeError, Fault};

/// Groups are not used by OTLP; they are skipped for forward compatibility, to this depth.
const MAX_GROUP_DEPTH: usize = 16;

/// The content of a field, as the wire has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire<'a> {
    /// A base-128 number.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// A text, bytes, or a message.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32(u32),
    /// A group, whose content is skipped.
    Group,
}

impl<'a> Wire<'a> {
    #[inline]
    pub(super) fn varint(self, field: &'static str) -> Result<u64, DecodeError> {
        match self {
            Self::Varint(value) => Ok(value),
            _ => Err(Fault::WireType.at(field)),
        }
    }

    #[inline]
    pub(super) fn fixed64(self, field: &'static str) -> Result<u64, DecodeError> {
        match self {
            Self::Fixed64(value) => Ok(value),
            _ => Err(Fault::WireType.at(field)),
        }
    }

    #[inline]
    pub(super) fn fixed32(self, field: &'static str) -> Result<u32, DecodeError> {
        match self {
            Self::Fixed32(value) => Ok(value),
            _ => Err(Fault::WireType.at(field)),
        }
    }

    #[inline]
    pub(super) fn bytes(self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        match self {
            Self::Bytes(value) => Ok(value),
            _ => Err(Fault::WireType.at(field)),
        }
    }

    #[inline]
    pub(super) fn text(self, field: &'static str) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_| Fault::Utf8.at(field))
    }
}

/// Reads the fields of one message in order, whatever message it is: for those that have no walker of their own here.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    rest: &'a [u8],
    total: usize,
}

impl<'a> Fields<'a> {
    /// The fields of this message.
    #[inline]
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message, total: message.len() }
    }

    /// How many bytes were read.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.total - self.rest.len()
    }

    /// The next field's number and content; nothing at the end of the message.
    ///
    /// # Errors
    /// When the bytes are no field; nothing can be read after them.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "an error ends it, which an iterator would have to remember")]
    pub fn next(&mut self) -> Result<Option<(u32, Wire<'a>)>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let content = match wire_type {
            0 => Wire::Varint(self.number()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = self.number()?;
                Wire::Bytes(self.take(usize::try_from(length).map_err(|_| Fault::Truncated)?)?)
            }
            3 => {
                self.skip_group(number)?;
                Wire::Group
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(Fault::Tag),
        };
        Ok(Some((number, content)))
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u32), Fault> {
        let tag = u32::try_from(self.number()?).map_err(|_| Fault::Tag)?;
        if tag < 8 {
            return Err(Fault::Tag);
        }
        Ok((tag >> 3, tag & 7))
    }

    #[inline]
    fn number(&mut self) -> Result<u64, Fault> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for (index, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                if index == 9 && *byte > 1 {
                    return Err(Fault::Overlong);
                }
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { Fault::Truncated } else { Fault::Overlong })
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn skip_group(&mut self, number: u32) -> Result<(), Fault> {
        let mut open = [0; MAX_GROUP_DEPTH];
        open[0] = number;
        let mut depth = 1;
        while depth > 0 {
            if self.rest.is_empty() {
                return Err(Fault::Truncated);
            }
            let (number, wire_type) = self.tag()?;
            match wire_type {
                0 => drop(self.number()?),
                1 => drop(self.take(8)?),
                2 => {
                    let length = self.number()?;
                    self.take(usize::try_from(length).map_err(|_| Fault::Truncated)?)?;
                }
                3 => {
                    *open.get_mut(depth).ok_or(Fault::Depth)? = number;
                    depth += 1;
                }
                4 if open[depth - 1] == number => depth -= 1,
                5 => drop(self.take(4)?),
                _ => return Err(Fault::Tag),
            }
        }
        Ok(())
    }
}

/// The part of a message from the first to the last field of one number.
/// Encoders write fields in order, so that it mostly holds nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Section {
    from: usize,
    to: usize,
}

impl Section {
    #[inline]
    pub(super) fn include(&mut self, from: usize, to: usize) {
        if self.to == 0 {
            self.from = from;
        }
        self.to = to;
    }

    #[inline]
    pub(super) fn of(self, message: &[u8]) -> &[u8] {
        message.get(self.from..self.to).unwrap_or_default()
    }
}

/// The messages of one repeated field, parsed one after the other, up to the first error.
#[derive(Debug, Clone)]
pub(super) struct Repeated<'a, T> {
    fields: Fields<'a>,
    number: u32,
    field: &'static str,
    parse: fn(&'a [u8]) -> Result<T, DecodeError>,
}

impl<'a, T> Repeated<'a, T> {
    pub(super) fn new(
        section: &'a [u8],
        number: u32,
        field: &'static str,
        parse: fn(&'a [u8]) -> Result<T, DecodeError>,
    ) -> Self {
        Self { fields: Fields::new(section), number, field, parse }
    }

    fn step(&mut self) -> Result<Option<T>, DecodeError> {
        while let Some((number, wire)) = self.fields.next().map_err(|fault| fault.at(self.field))? {
            if number == self.number {
                return (self.parse)(wire.bytes(self.field)?).map(Some);
            }
        }
        Ok(None)
    }
}

impl<T> Iterator for Repeated<'_, T> {
    type Item = Result<T, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.step().transpose();
        if matches!(item, Some(Err(_))) {
            self.fields = Fields::new(&[]);
        }
        item
    }
}
