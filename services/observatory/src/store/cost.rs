//! What things in the store take, in bytes. The sum of these is what is bounded.

use std::mem::size_of;
use std::sync::Arc;

use otlp::{SpanId, TraceId};

use super::batch::Origin;
use super::trace::{Part, Trace};

/// A hash table keeps up to this many places for each entry.
const TABLE_PLACES: usize = 2;
/// What the allocator and an `Arc`'s counts add to a block.
const BLOCK_BYTES: usize = 32;

/// A trace without its parts: itself, and its places in the index, the queue and the order by start.
pub(super) const TRACE_BYTES: usize =
    TABLE_PLACES * (size_of::<Trace>() + size_of::<TraceId>()) + 4 * size_of::<(u64, TraceId)>() + 4 * BLOCK_BYTES;

/// A span's place among the ids of its trace, and its parent's among those that are waited for.
pub(super) const SPAN_BYTES: usize = 2 * TABLE_PLACES * size_of::<SpanId>();

/// A service's place in a summary.
pub(super) const SERVICE_BYTES: usize = 2 * size_of::<super::ServiceCount>();

pub(super) fn part(part: &Part) -> usize {
    size_of::<Arc<Part>>() + size_of::<Part>() + BLOCK_BYTES + part.raw.len()
}

pub(super) fn origin(origin: &Origin) -> usize {
    let entry = TABLE_PLACES * size_of::<(Arc<Origin>, usize)>() + size_of::<Origin>() + 6 * BLOCK_BYTES;
    entry + origin.bytes() + origin.service.len()
}
