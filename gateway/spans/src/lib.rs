//! Turns the native gateway's access log into its spans.
//!
//! Stock nginx has no OpenTelemetry module, but it writes one line about every request it answers, also those it
//! refused while reading them. Of each sampled line this makes the SERVER span of `api-gateway`, and the CLIENT span
//! when a service was asked, and sends them to `OTEL_EXPORTER_OTLP_ENDPOINT` as OTLP/HTTP protobuf.
//!
//! The log file is the queue: its place moves on only when the collector has the spans, so neither a restart nor a
//! collector that is away loses any. Two files of a bounded size are kept; lines beyond them are counted as lost.
//! A crash between an export and the note of its place repeats that batch, with the same ids.
//!
//! - [`Config`]: the settings.
//! - [`start`]: runs until [`Server::stop`].
//! - [`Counts`]: what became of every line and span; also at `/metrics`, beside `/livez`, where `listen` is set.

mod access_line;
mod access_log;
mod config;
mod counts;
mod endpoints;
mod export;
mod notice;
mod percent;
mod pipeline;
mod resource;
mod spans;

pub use config::{Args, Config, ConfigError};
pub use counts::Counts;

use pipeline::Pipeline;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Why it could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address for `/metrics` is not to be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// There is no HTTP client on this machine.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Its task ended by itself, which it never should: nothing is read or sent any more.
#[derive(Debug, thiserror::Error)]
#[error("the pipeline broke: {0}")]
pub struct Broken(String);

/// A running `gateway-spans`.
pub struct Server {
    http_addr: Option<SocketAddr>,
    counts: Arc<Counts>,
    stopping: watch::Sender<bool>,
    pipeline: JoinHandle<()>,
}

/// Begins to read the access log where it was left.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let counts = Arc::new(Counts::default());
    let (stopping, stopped) = watch::channel(false);
    let mut http_addr = None;
    if let Some(address) = config.listen {
        let failed = |source| StartError::Listen { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        http_addr = Some(listener.local_addr().map_err(failed)?);
        tokio::spawn(endpoints::serve(listener, Arc::clone(&counts), stopped.clone()));
    }
    let pipeline = Pipeline::new(config, Arc::clone(&counts))?;
    let pipeline = tokio::spawn(pipeline.run(stopped));
    Ok(Server { http_addr, counts, stopping, pipeline })
}

impl Server {
    /// Where `/metrics` and `/livez` are.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// What became of the lines and spans so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Returns only when the pipeline broke. Whoever waits for it ends then, so that a supervisor starts it again: the
    /// log has what was not sent.
    pub async fn broken(&mut self) -> Broken {
        Broken((&mut self.pipeline).await.map_or_else(|error| error.to_string(), |()| "it ended".into()))
    }

    /// Sends what the log still has, within the configured limit, and ends.
    pub async fn stop(self) -> Arc<Counts> {
        let _ = self.stopping.send(true);
        if let Err(error) = self.pipeline.await {
            notice::error("the pipeline broke", &[("error", error.to_string().into())]);
        }
        notice::info("stopped", &self.counts.fields());
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_broken_pipeline_is_noticed_without_a_signal() {
        let (stopping, _) = watch::channel(false);
        let pipeline = tokio::spawn(async { panic!("as a defect would") });
        let mut server = Server { http_addr: None, counts: Arc::default(), stopping, pipeline };
        let broken = server.broken().await.to_string();
        assert!(broken.starts_with("the pipeline broke") && broken.contains("as a defect would"), "{broken}");
    }
}
