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
        let [version] = hex::bytes(&known[..2])?;
        // A later version may have more to say, after another dash.
        let ended = rest.is_empty() || (version > VERSION && rest[0] == b'-');
        if !dashes || !ended || version == FORBIDDEN_VERSION {
            return None;
        }
        let trace_id = TraceId::from_bytes(hex::bytes(&known[3..35])?);
        let parent_id = SpanId::from_bytes(hex::bytes(&known[36..52])?);
        let [flags] = hex::bytes(&known[53..])?;
        if trace_id == TraceId::INVALID || parent_id == SpanId::INVALID {
            return None;
        }
        Some(Self { trace_id, parent_id, flags: TraceFlags::new(flags & level.flags()) })
    }

    /// The header's value, in version `00`.
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        let mut text = [b'-'; LENGTH];
        hex::write(&[VERSION], &mut text);
        hex::write(&self.trace_id.to_bytes(), &mut text[3..]);
        hex::write(&self.parent_id.to_bytes(), &mut text[36..]);
        hex::write(&[self.flags.to_u8()], &mut text[53..]);
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
