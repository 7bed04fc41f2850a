//! The bytes that a span has so far, and room behind them.
//!
//! A `Vec` looks at its capacity with every piece that is appended to it, and remembers each time how long it is. Here there are
//! bytes behind the last one that counts, which may be written without asking: a short attribute is one look and a few stores.

use std::ops::Range;

/// Room for what most spans say, so that the buffer is allocated once: what the allocator hands out from its fastest lists
/// is up to 1,032 bytes.
const ROOM: usize = 768;
/// It is opened in such steps. Memory that a span does not need is not even looked at: that would cost more than its attributes.
const STEP: usize = ROOM / 4;
/// What protobuf allows for a message, and more than a span ever says. Its numbers fit into 32 bits with room to spare.
const MOST_BYTES: usize = i32::MAX as usize;

/// Bytes that are appended to.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// Those that count, and the room behind them.
    bytes: Vec<u8>,
    /// How many count. Of 32 bits, so that the end of what is appended is a number for sure: one comparison says whether there is
    /// room for it.
    end: u32,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(ROOM), end: 0 }
    }

    /// Forgets all of them; there is still room where they were.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.end = 0;
    }

    /// Bytes that it can hold without another allocation.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end as usize
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or_default()
    }

    /// Appends `bytes` bytes but the last `spare`, and hands out the place of all of them. `None` where the buffer is as long as a
    /// message may be.
    #[inline(always)]
    pub(super) fn place(&mut self, bytes: usize, spare: u32) -> Option<&mut [u8]> {
        let at = self.len();
        let end = at + bytes;
        if end > self.bytes.len() {
            self.open(end)?;
        }
        let place = self.bytes.get_mut(at..end)?;
        self.end = end as u32 - spare;
        Some(place)
    }

    /// Makes room up to this length, and for some more.
    #[cold]
    #[inline(never)]
    fn open(&mut self, end: usize) -> Option<()> {
        if end > MOST_BYTES {
            return None;
        }
        self.bytes.resize(end.next_multiple_of(STEP), 0);
        Some(())
    }

    /// Appends bytes as they are.
    #[inline]
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        if let Some(place) = self.place(bytes.len(), 0) {
            place.copy_from_slice(bytes);
        }
    }

    /// Appends what `write` does, and leaves no room behind it. What makes it longer than a message may be is left out.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.bytes.truncate(self.len());
        write(&mut self.bytes);
        match self.bytes.len() {
            bytes @ ..=MOST_BYTES => self.end = bytes as u32,
            _ => self.bytes.truncate(self.len()),
        }
    }

    /// Takes some of them out.
    pub(super) fn remove(&mut self, place: Range<usize>) {
        self.end -= place.len() as u32;
        self.bytes.drain(place);
    }
}
