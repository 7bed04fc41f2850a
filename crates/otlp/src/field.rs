//! Protobuf fields appended to a byte buffer.
//!
//! A message's length stands before its content. [`message`] writes the content at once and mends
//! the length afterwards, so that nothing is walked twice and nothing is allocated but the buffer.

use std::convert::Infallible;

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const DELIMITED: u32 = 2;
const FIXED32: u32 = 5;

/// Bytes of a length that is written before it is known and is mended in place.
/// Five bytes of seven bits hold every length up to 32 GiB.
pub const OPEN_LENGTH_BYTES: usize = 5;

/// Appends a base-128 number.
#[inline]
pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[inline]
fn tag(out: &mut Vec<u8>, number: u32, wire_type: u32) {
    varint(out, u64::from(number << 3 | wire_type));
}

/// Appends a field of type `uint32`, `uint64`, `int64` (cast to `u64`), `bool` or enumeration.
#[inline]
pub fn uint(out: &mut Vec<u8>, number: u32, value: u64) {
    tag(out, number, VARINT);
    varint(out, value);
}

/// Appends a field of type `fixed64`.
#[inline]
pub fn fixed64(out: &mut Vec<u8>, number: u32, value: u64) {
    tag(out, number, FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a field of type `double`.
#[inline]
pub fn double(out: &mut Vec<u8>, number: u32, value: f64) {
    fixed64(out, number, value.to_bits());
}

/// Appends a field of type `fixed32`.
#[inline]
pub fn fixed32(out: &mut Vec<u8>, number: u32, value: u32) {
    tag(out, number, FIXED32);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a field of type `bytes`, or a message that is already encoded.
#[inline]
pub fn bytes(out: &mut Vec<u8>, number: u32, value: &[u8]) {
    tag(out, number, DELIMITED);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends a field of type `string`.
#[inline]
pub fn text(out: &mut Vec<u8>, number: u32, value: &str) {
    bytes(out, number, value.as_bytes());
}

/// Appends a message whose content `write` appends. Best for messages under 128 bytes:
/// longer ones are moved by a byte or more once their length is known.
#[inline]
pub fn message(out: &mut Vec<u8>, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
    message_of(out, number, 1, write);
}

/// As [`message`], with room for a length of `length_bytes` bytes, which should be the likely one.
#[inline]
pub fn message_of(out: &mut Vec<u8>, number: u32, length_bytes: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let done: Result<(), Infallible> = try_message_of(out, number, length_bytes, |out| {
        write(out);
        Ok(())
    });
    let Ok(()) = done;
}

/// As [`message`], for content that may turn out to be wrong. After an error the buffer is of no use.
#[inline]
pub fn try_message<E>(
    out: &mut Vec<u8>,
    number: u32,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    try_message_of(out, number, 1, write)
}

/// As [`message_of`], for content that may turn out to be wrong. After an error the buffer is of no use.
#[inline]
pub fn try_message_of<E>(
    out: &mut Vec<u8>,
    number: u32,
    length_bytes: usize,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    tag(out, number, DELIMITED);
    let length_at = out.len();
    let content_at = length_at + length_bytes;
    out.resize(content_at, 0);
    write(out)?;
    close(out, length_at, content_at);
    Ok(())
}

/// Writes the length of what stands from `content_at` to the end at `length_at`, in as few bytes as it needs.
fn close(out: &mut Vec<u8>, length_at: usize, content_at: usize) {
    let length = out.len() - content_at;
    let wanted = varint_bytes(length as u64);
    let room = content_at - length_at;
    if wanted > room {
        let end = out.len();
        out.resize(end + wanted - room, 0);
        out.copy_within(content_at..end, length_at + wanted);
    } else if wanted < room {
        out.copy_within(content_at.., length_at + wanted);
        out.truncate(length_at + wanted + length);
    }
    let mut rest = length;
    for byte in &mut out[length_at..length_at + wanted - 1] {
        *byte = rest as u8 | 0x80;
        rest >>= 7;
    }
    out[length_at + wanted - 1] = rest as u8;
}

/// How many bytes [`varint`] writes for this number.
#[inline]
pub fn varint_bytes(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Begins a message that stays open while others are appended, and says where its content starts.
/// Its length takes [`OPEN_LENGTH_BYTES`] bytes and is kept right with [`mend`].
pub fn open(out: &mut Vec<u8>, number: u32) -> usize {
    tag(out, number, DELIMITED);
    out.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0]);
    out.len()
}

/// Sets the length of the message opened at `content_at` to all that follows.
/// The length is a number with leading zero groups, which protobuf allows.
pub fn mend(out: &mut [u8], content_at: usize) {
    let mut rest = out.len() - content_at;
    for (index, byte) in out[content_at - OPEN_LENGTH_BYTES..content_at].iter_mut().enumerate() {
        let more = if index + 1 < OPEN_LENGTH_BYTES { 0x80 } else { 0 };
        *byte = (rest & 0x7f) as u8 | more;
        rest >>= 7;
    }
}
