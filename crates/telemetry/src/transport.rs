//! How a batch of spans leaves: one blocking HTTP client, on the exporter's own thread.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

use crate::delivery::Delivery;

/// A blocking client that takes note of what the receiver rejects.
#[derive(Debug)]
pub(crate) struct Transport {
    client: reqwest::blocking::Client,
    delivery: Arc<Delivery>,
}

/// The client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// By reqwest.
    #[error("{0}")]
    Client(#[from] reqwest::Error),
    /// On the thread that was to build it.
    #[error("the thread that builds it cannot be run")]
    Thread,
}

impl Transport {
    /// Each export may take `timeout`.
    pub(crate) fn new(timeout: Duration, delivery: Arc<Delivery>) -> Result<Self, TransportError> {
        // A blocking client has a runtime of its own, which must not begin inside of another one: hence the thread. No proxy:
        // spans go where the endpoint says, also on machines whose environment names a proxy for everything else.
        let build = move || reqwest::blocking::Client::builder().timeout(timeout).no_proxy().build();
        let client = std::thread::spawn(build).join().map_err(|_| TransportError::Thread)??;
        Ok(Self { client, delivery })
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.client.send_bytes(request).await?;
        if response.status().is_success() {
            // An answer that cannot be read says that all is well, as its status does.
            let partial = otlp::walk::partial_success(response.body()).unwrap_or_default();
            self.delivery.reject(partial.rejected_spans, partial.error_message);
        }
        Ok(response)
    }
}
