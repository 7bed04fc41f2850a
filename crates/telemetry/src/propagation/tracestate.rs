//! `tracestate`: what other tracing systems add of their own, handed on untouched.
//!
//! Source: W3C Trace Context, section 3.3 "Tracestate Header".

use opentelemetry::trace::TraceState;

use super::field::{trimmed, trimmed_end};
use super::level::Level;

/// Members that a list may have.
pub const MEMBERS: usize = 32;
/// Characters of a key.
const KEY: usize = 256;
/// Characters of a level-1 key's tenant, before the `@`.
const TENANT: usize = 241;
/// Characters of a level-1 key's system, after the `@`.
const SYSTEM: usize = 14;
/// Characters of a value.
const VALUE: usize = 256;

/// The members of a valid list, in the order in which they came.
#[derive(Clone, Copy, Debug)]
pub struct Tracestate<'a> {
    members: [(&'a str, &'a str); MEMBERS],
    length: usize,
}

impl<'a> Tracestate<'a> {
    /// Reads all values of the header as one list; `None` where a member breaks a rule, or there are more than
    /// [`MEMBERS`]: the whole list is then left out, and the trace goes on without it.
    ///
    /// Empty members are allowed, and do not count. A key that comes again is left out there: the first, leftmost one is
    /// the most recent. (That keys differ is the duty of the sender; a receiver may leave out repeated ones.)
    pub fn parse(values: impl Iterator<Item = &'a [u8]>, level: Level) -> Option<Self> {
        let mut list = Self { members: [("", ""); MEMBERS], length: 0 };
        let mut seen = 0;
        // No member goes over the end of a header, so that joining them first would change nothing.
        for member in values.flat_map(|value| value.split(|byte| *byte == b',')).map(trimmed) {
            if member.is_empty() {
                continue;
            }
            seen += 1;
            let (key, value) = pair(member, level).filter(|_| seen <= MEMBERS)?;
            if list.iter().all(|(other, _)| other != key) {
                list.members[list.length] = (key, value);
                list.length += 1;
            }
        }
        Some(list)
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.members.iter().take(self.length).copied()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// As the SDK has it, and whether that is all: it refuses some keys of level 2, such as `a@b@c`.
    pub(super) fn to_sdk(self) -> (TraceState, bool) {
        if let Ok(state) = TraceState::from_key_value(self.iter()) {
            return (state, true);
        }
        let accepted = self.iter().filter(|member| TraceState::from_key_value([*member]).is_ok());
        (TraceState::from_key_value(accepted).unwrap_or_default(), false)
    }
}

/// Members as one header's value.
pub(super) fn join<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in members {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text
}

fn pair(member: &[u8], level: Level) -> Option<(&str, &str)> {
    let equals = member.iter().position(|byte| *byte == b'=')?;
    // Blanks before a value belong to it, those after it do not.
    let (key, value) = (&member[..equals], trimmed_end(&member[equals + 1..]));
    if !is_key(key, level) || !is_value(value) {
        return None;
    }
    Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?))
}

fn is_key(key: &[u8], level: Level) -> bool {
    let starts = |text: &[u8], digit: bool| {
        text.first().is_some_and(|first| first.is_ascii_lowercase() || (digit && first.is_ascii_digit()))
    };
    let known = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    if key.len() > KEY || !key.iter().all(known) {
        return false;
    }
    let at = key.iter().position(|byte| *byte == b'@');
    match (level, at) {
        (Level::Two, _) => starts(key, true),
        (Level::One, None) => starts(key, false),
        (Level::One, Some(at)) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            let lengths = tenant.len() <= TENANT && system.len() <= SYSTEM;
            lengths && starts(tenant, true) && starts(system, false) && !system.contains(&b'@')
        }
    }
}

/// Printable ASCII but `,` and `=`; not empty, and not ending in a blank, which was cut off before.
fn is_value(value: &[u8]) -> bool {
    let known = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    (1..=VALUE).contains(&value.len()) && value.iter().all(known)
}
