//! The memory that requests in flight may take, and reading bodies within it.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{MAX_REQUEST_BYTES, Refusal};
use crate::Waits;

/// What all requests in flight may take, from the first byte that is read until their spans are stored: four of the
/// largest, or a hundred and more as exporters send them. Decoded they take about as much again.
pub const MAX_IN_FLIGHT_BYTES: usize = 64 << 20;

/// The room for requests in flight.
#[derive(Debug, Clone)]
pub(super) struct Room {
    bytes: Arc<Semaphore>,
    waits: Waits,
}

/// A part of the room, given back when it is dropped.
#[derive(Debug)]
pub struct Held(OwnedSemaphorePermit);

impl Room {
    pub(super) fn new(waits: Waits) -> Self {
        Self { bytes: Arc::new(Semaphore::new(MAX_IN_FLIGHT_BYTES)), waits }
    }

    /// Reads a body of at most so many bytes, taking room for it as it comes.
    pub(super) async fn read(&self, body: Body, limit: usize) -> Result<(Bytes, Held), Refusal> {
        let seconds = self.waits.body;
        timeout(seconds, self.collect(body, limit)).await.unwrap_or(Err(Refusal::Slow(seconds)))
    }

    async fn collect(&self, mut body: Body, limit: usize) -> Result<(Bytes, Held), Refusal> {
        let mut held = self.hold(0).await?;
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Refusal::Malformed(format!("the body cannot be read: {error}")))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > limit {
                return Err(Refusal::TooLarge);
            }
            held.0.merge(self.hold(data.len()).await?.0);
            bytes.extend_from_slice(&data);
        }
        Ok((bytes.freeze(), held))
    }

    /// Takes what a compressed body may need when it is decompressed.
    pub(super) async fn hold_decompressed(&self, held: &mut Held) -> Result<(), Refusal> {
        held.0.merge(self.hold(MAX_REQUEST_BYTES).await?.0);
        Ok(())
    }

    async fn hold(&self, bytes: usize) -> Result<Held, Refusal> {
        let permits = u32::try_from(bytes).map_err(|_| Refusal::TooLarge)?;
        let room = timeout(self.waits.room, self.bytes.clone().acquire_many_owned(permits));
        let permit = room.await.map_err(|_| Refusal::Busy)?;
        permit.map(Held).map_err(|_| Refusal::Unavailable)
    }
}
