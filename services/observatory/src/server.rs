//! Listeners, their tasks, and their end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::ingest::{Ingest, grpc, http};
use crate::store::Store;
use crate::{Config, api};

/// How long requests may take to end after a stop. They are answered from memory, so that only
/// a peer that does not read on or does not send on is cut off.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address} for {what} ({flag} sets it): {source}")]
    Listen {
        /// What for.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// The argument that sets the address.
        flag: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// A running server. It stops when it is dropped; [`stop`](Self::stop) also waits for requests to end.
#[derive(Debug)]
pub struct Server {
    http_addr: SocketAddr,
    otlp_grpc_addr: SocketAddr,
    otlp_http_addr: SocketAddr,
    store: Arc<Store>,
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
}

/// Listens on all addresses, then serves them on the current Tokio runtime.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let (http_listener, http_addr) = listen("the page", config.listen_http, "--listen-http").await?;
    let (grpc_listener, otlp_grpc_addr) = listen("OTLP/gRPC", config.otlp_grpc, "--otlp-grpc").await?;
    let (otlp_listener, otlp_http_addr) = listen("OTLP/HTTP", config.otlp_http, "--otlp-http").await?;
    let store = Arc::new(Store::new(config.limits()));
    let ingest = Ingest::new(store.clone());
    let stopping = watch::Sender::new(false);
    let tasks = vec![
        serve(http_listener, api::routes(store.clone()), stopping.subscribe()),
        serve(grpc_listener, grpc::routes(ingest.clone()), stopping.subscribe()),
        serve(otlp_listener, http::routes(ingest), stopping.subscribe()),
    ];
    tracing::info!(%http_addr, %otlp_grpc_addr, %otlp_http_addr, "observatory listens");
    Ok(Server { http_addr, otlp_grpc_addr, otlp_http_addr, store, stopping, tasks })
}

async fn listen(
    what: &'static str,
    address: SocketAddr,
    flag: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listening.await.map_err(|source| StartError::Listen { what, address, flag, source })
}

/// Serves HTTP/1.1 and HTTP/2 without TLS until it is told to stop, or nobody is left to tell it.
fn serve(listener: TcpListener, routes: Router, mut stopping: watch::Receiver<bool>) -> JoinHandle<io::Result<()>> {
    let stopped = async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    tokio::spawn(async move { axum::serve(listener, routes).with_graceful_shutdown(stopped).await })
}

impl Server {
    /// Where the page and the API are served.
    pub fn http_addr(&self) -> SocketAddr {
        self.http_addr
    }

    /// Where OTLP/gRPC is received.
    pub fn otlp_grpc_addr(&self) -> SocketAddr {
        self.otlp_grpc_addr
    }

    /// Where OTLP/HTTP is received.
    pub fn otlp_http_addr(&self) -> SocketAddr {
        self.otlp_http_addr
    }

    /// The store, to read it and to wait for its changes without HTTP.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Takes no more connections, lets requests end, and returns when they have or the time for it is over.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        for mut task in self.tasks {
            if timeout(STOP_TIMEOUT, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
