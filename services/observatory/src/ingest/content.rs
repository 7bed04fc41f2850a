//! What a body is: its format, its compression, and how it becomes protobuf.

use std::borrow::Cow;
use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;

use super::{MAX_REQUEST_BYTES, Refusal};

/// How much memory is taken at first for a decompressed body, as a multiple of the compressed one.
/// Spans shrink to about a sixth; the rest grows as it comes.
const USUAL_RATIO: usize = 4;

/// The format of a request, which is also that of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentEncoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
}

impl Format {
    /// The format that a `Content-Type` names.
    pub fn of_content_type(value: &str) -> Option<Self> {
        let media_type = value.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The `Content-Type` of an answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

impl ContentEncoding {
    /// The compression that a `Content-Encoding` names.
    pub fn of_content_encoding(value: &str) -> Option<Self> {
        match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            _ => None,
        }
    }
}

/// The body without its compression. It stops at the limit, however far a small body would inflate.
pub(super) fn decompress(body: &Bytes, encoding: ContentEncoding) -> Result<Cow<'_, [u8]>, Refusal> {
    if encoding == ContentEncoding::Identity {
        return if body.len() > MAX_REQUEST_BYTES { Err(Refusal::TooLarge) } else { Ok(Cow::Borrowed(body)) };
    }
    let mut plain = Vec::with_capacity(MAX_REQUEST_BYTES.min(USUAL_RATIO * body.len()));
    let limit = MAX_REQUEST_BYTES as u64 + 1;
    MultiGzDecoder::new(&body[..])
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|error| Refusal::Malformed(format!("not gzip: {error}")))?;
    if plain.len() > MAX_REQUEST_BYTES { Err(Refusal::TooLarge) } else { Ok(Cow::Owned(plain)) }
}

pub(super) fn to_protobuf(body: Cow<'_, [u8]>, format: Format) -> Result<Cow<'_, [u8]>, Refusal> {
    match format {
        Format::Protobuf => Ok(body),
        Format::Json => match otlp::json::to_protobuf(&body) {
            Ok(request) => Ok(Cow::Owned(request)),
            Err(error) => Err(Refusal::Malformed(error.to_string())),
        },
    }
}
