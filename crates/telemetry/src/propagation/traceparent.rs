//! `traceparent`: which trace a request belongs to, and which span of the caller it comes from.
//!
//! Source: W3C Trace Context, section 3.2 "Traceparent Header".

use opentelemetry::{SpanId, TraceFlags, TraceId};

use super::hex;
use super::level::Level;

/// `00-` + 32 + `-` + 16 + `-` + 2 characters.
pub const LENGTH: usize = 55;
/// The caller may have recorded its part of the trace.
pub const SAMPLED: u8 = 0x01;
/// The trace id's last 7 bytes are random (level 2).
pub const RANDOM: u8 = 0x02;
/// This version is the one that is written; later ones are read as far as they are this one.
const VERSION: u8 = 0x00;
/// No version will ever be this one.
const FORBIDDEN_VERSION: u8 = 0xff;

/// The value of a `traceparent` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traceparent {
    /// The trace; never zero in what was read.
    pub trace_id: TraceId,
    /// The caller's span; never zero in what was read.
    pub parent_id: SpanId,
    /// Flags, of those that the level knows.
    pub flags: TraceFlags,
}

impl Traceparent {
    /// Reads a header's value; `None` where it breaks a rule, and a new trace has to begin.
    pub fn parse(text: &[u8], level: Level) -> Option<Self> {
        let (known, rest) = text.split_first_chunk::<LENGTH>()?;
        let dashes = [known[2], known[35], known[52]] == *b"---";
        // All digits in one place, and read in one go.
        let mut digits = [b'0'; 64];
        digits[..32].copy_from_slice(&known[3..35]);
        digits[32..48].copy_from_slice(&known[36..52]);
        digits[48..50].copy_from_slice(&known[..2]);
        digits[50..52].copy_from_slice(&known[53..]);
        let bytes: [u8; 32] = hex::bytes(&digits)?;
        let (trace_id, parent_id) = (*bytes.first_chunk()?, *bytes[16..].first_chunk()?);
        let (trace_id, parent_id) = (TraceId::from_bytes(trace_id), SpanId::from_bytes(parent_id));
        let [version, flags] = [bytes[24], bytes[25]];
        // A later version may have more to say, after another dash.
        let ended = rest.is_empty() || (version > VERSION && rest[0] == b'-');
        if !dashes || !ended || version == FORBIDDEN_VERSION {
            return None;
        }
        if trace_id == TraceId::INVALID || parent_id == SpanId::INVALID {
            return None;
        }
        Some(Self { trace_id, parent_id, flags: TraceFlags::new(flags & level.flags()) })
    }

    /// The header's value, in version `00`.
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        // As they are read: in one go.
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.trace_id.to_bytes());
        bytes[16..24].copy_from_slice(&self.parent_id.to_bytes());
        [bytes[24], bytes[25]] = [VERSION, self.flags.to_u8()];
        let (mut digits, mut text) = ([0; 64], [b'-'; LENGTH]);
        hex::write(&bytes, &mut digits);
        text[..2].copy_from_slice(&digits[48..50]);
        text[3..35].copy_from_slice(&digits[..32]);
        text[36..52].copy_from_slice(&digits[32..48]);
        text[53..].copy_from_slice(&digits[50..52]);
        text
    }
}

impl Level {
    /// The flags that it knows; all others are written as zero.
    pub(super) fn flags(self) -> u8 {
        match self {
            Self::One => SAMPLED,
            Self::Two => SAMPLED | RANDOM,
        }
    }
}
