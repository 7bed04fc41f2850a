//! Spans: how they begin, what they say, and how they end.
//!
//! A span is written as OTLP from its first attribute on ([`fields`]): what is said of it is copied once, into its own
//! buffer, and its end puts a head in front of that. [`Recording`] is a span that one owner has, [`Handle`] one that a
//! `Context` carries; both are spans of the OpenTelemetry API.
//!
//! Source: OpenTelemetry specification, "Trace API" and "Trace SDK"; opentelemetry-proto 1.7, `trace.proto`.

mod begin;
mod block;
mod buffer;
mod draft;
mod field;
mod fields;
mod handle;
mod key_marks;
mod recorder;
mod short;
mod span;

pub(crate) use begin::{Begun, begin};
pub(crate) use block::Block;
pub(crate) use draft::Draft;
pub(crate) use field::{cut, scalar};
pub use fields::Fields;
pub use handle::Handle;
pub use recorder::{Recorder, Start};
pub(crate) use span::unix_nanos;
pub use span::{Recording, Told};
