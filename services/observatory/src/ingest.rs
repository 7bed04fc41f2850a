//! From any transport to checked batches of spans.
//!
//! A request is decompressed, decoded and checked whole before the store sees any of it: a refused
//! request changes nothing. Spans that cannot be placed in a trace are left out, counted and named
//! in the answer, and the others are taken (OTLP's partial success).

mod answer;
mod batch;
mod content;
pub(crate) mod grpc;
pub(crate) mod http;
mod room;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::Waits;
use crate::store::{Batch, MAX_TRACE_BYTES, Store};
pub use content::{ContentEncoding, Format};
use room::Room;
pub use room::{Held, MAX_IN_FLIGHT_BYTES};

/// The largest request, compressed or not. Exporters send 512 spans of about 500 bytes; Collectors'
/// batches of 8,192 spans are about 4 MiB, which is also the usual limit for gRPC. This is four times that.
pub const MAX_REQUEST_BYTES: usize = 16 << 20;

/// Longer requests are taken on a thread that may block: decompressing, checking and storing
/// them would hold up the others on this one for a millisecond or more.
const MAX_INLINE_BYTES: usize = 64 << 10;

/// What became of a request that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Spans that were left out.
    pub rejected: u64,
    /// Why; empty when none was.
    pub message: String,
}

/// Why a request was refused whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is not what it says it is.
    #[error("{0}")]
    Malformed(String),
    /// The body is larger than [`MAX_REQUEST_BYTES`], as sent or decompressed.
    #[error("a request may have at most {MAX_REQUEST_BYTES} bytes, also when it is decompressed")]
    TooLarge,
    /// The body did not come in time.
    #[error("the body did not come within {0:?}")]
    Slow(Duration),
    /// There was no room for it among the requests in flight.
    #[error("requests in flight may have {MAX_IN_FLIGHT_BYTES} bytes together; try again")]
    Busy,
    /// The thread that decoded it is gone, as at the end of the process.
    #[error("the request could not be handled")]
    Unavailable,
}

/// Takes requests in, whatever brought them.
#[derive(Debug, Clone)]
pub struct Ingest {
    store: Arc<Store>,
    room: Room,
}

impl Ingest {
    /// Puts what it takes into this store.
    pub fn new(store: Arc<Store>, waits: Waits) -> Self {
        Self { store, room: Room::new(waits) }
    }

    /// Decodes and checks a request, then stores its spans; or refuses it and stores nothing.
    /// What is held is given back then.
    async fn take(
        &self,
        body: Bytes,
        held: Held,
        encoding: ContentEncoding,
        format: Format,
    ) -> Result<Accepted, Refusal> {
        let short = encoding == ContentEncoding::Identity && body.len() <= MAX_INLINE_BYTES;
        let store = self.store.clone();
        // It moves along, since that thread goes on when nobody waits for the answer any more.
        let insert = move || {
            let _held = held;
            insert(&store, &body, encoding, format)
        };
        let taken = if short {
            insert()
        } else {
            tokio::task::spawn_blocking(insert).await.unwrap_or(Err(Refusal::Unavailable))
        };
        taken.inspect_err(|refusal| self.refuse(refusal))
    }

    /// Counts and logs a request that was refused before or while it was decoded.
    pub fn refuse(&self, refusal: &Refusal) {
        self.store.count_refusal();
        tracing::warn!(reason = %refusal, "refused a request");
    }
}

fn insert(store: &Store, body: &Bytes, encoding: ContentEncoding, format: Format) -> Result<Accepted, Refusal> {
    let (batch, mut message) = decode(body, encoding, format)?;
    let invalid = batch.rejected;
    let beyond = store.insert(batch);
    if beyond > 0 {
        let reason = format!("{beyond} spans are beyond the {MAX_TRACE_BYTES} bytes that a trace may have");
        message = if message.is_empty() { reason } else { format!("{message}; {reason}") };
    }
    Ok(Accepted { rejected: invalid + beyond, message })
}

fn decode(body: &Bytes, encoding: ContentEncoding, format: Format) -> Result<(Batch, String), Refusal> {
    let body = content::decompress(body, encoding)?;
    let request = content::to_protobuf(body, format)?;
    batch::parse(&request).map_err(|error| Refusal::Malformed(error.to_string()))
}
