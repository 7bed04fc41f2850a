//! `baggage`: what an application hands on with a request, of the keys that it allows.
//!
//! Baggage goes to everybody who is called, so nothing goes on but the keys of an allow-list; it never becomes a span
//! attribute by itself.
//!
//! Source: W3C Baggage, "Baggage HTTP Header Format".

mod grammar;
mod read;
mod write;

pub use grammar::is_key;
pub(super) use read::read;
pub(super) use write::write;

/// Members that a header may have; the specification asks for no more.
pub const MEMBERS: usize = 64;
/// Bytes that all `baggage` headers of a request may have, with a comma between each two; the specification asks for no
/// more.
pub const BYTES: usize = 8_192;
/// The keys that go on where nothing else is said: whose data a request touches, and whether it is only a test.
pub const DEFAULT_KEYS: [&str; 2] = ["tenant.id", "synthetic"];
