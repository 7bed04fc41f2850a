//! From headers to baggage.

use opentelemetry::baggage::Baggage;

use super::super::field::trimmed;
use super::{BYTES, MEMBERS, grammar};

/// The members with one of these keys, in all values of the header; `None` where there is none.
///
/// A member that breaks a rule is left out, and so are all that come after the first [`MEMBERS`] or go beyond [`BYTES`].
/// The last one counts of several with the same key. (The specification leaves all of that to the receiver.)
pub(in super::super) fn read<'a>(values: impl Iterator<Item = &'a [u8]>, keys: &[String]) -> Option<Baggage> {
    let (mut baggage, mut members, mut bytes) = (Baggage::new(), 0, 0);
    for member in values.flat_map(|value| value.split(|byte| *byte == b',')) {
        // The comma before it counts.
        bytes += usize::from(bytes > 0) + member.len();
        members += usize::from(!trimmed(member).is_empty());
        if bytes > BYTES || members > MEMBERS {
            break;
        }
        let _ = keep(member, keys, &mut baggage);
    }
    (!baggage.is_empty()).then_some(baggage)
}

fn keep(member: &[u8], keys: &[String], baggage: &mut Baggage) -> Option<()> {
    let mut parts = member.split(|byte| *byte == b';');
    let pair = parts.next()?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (trimmed(&pair[..equals]), trimmed(&pair[equals + 1..]));
    let key = keys.iter().find(|allowed| allowed.as_bytes() == key)?;
    let value = grammar::decoded(value)?;
    let properties = grammar::properties(parts)?;
    baggage.insert_with_metadata(key.clone(), value.into_owned(), properties);
    Some(())
}
