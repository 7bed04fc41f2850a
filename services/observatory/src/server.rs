//! Listeners, their tasks, and their end.

mod connections;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::ingest::{Ingest, grpc, http};
use crate::store::Store;
use crate::{Config, Waits, api};

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
    waits: Waits,
    tasks: Vec<JoinHandle<()>>,
}

/// Listens on all addresses, then serves them on the current Tokio runtime.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let (http_listener, http_addr) = listen("the page", config.listen_http, "--listen-http").await?;
    let (grpc_listener, otlp_grpc_addr) = listen("OTLP/gRPC", config.otlp_grpc, "--otlp-grpc").await?;
    let (otlp_listener, otlp_http_addr) = listen("OTLP/HTTP", config.otlp_http, "--otlp-http").await?;
    let store = Arc::new(Store::new(config.limits()));
    let ingest = Ingest::new(store.clone(), config.waits);
    let stopping = watch::Sender::new(false);
    let waits = config.waits;
    let serve = |listener, routes| tokio::spawn(connections::serve(listener, routes, waits, stopping.subscribe()));
    let tasks = vec![
        serve(http_listener, api::routes(store.clone())),
        serve(grpc_listener, grpc::routes(ingest.clone())),
        serve(otlp_listener, http::routes(ingest)),
    ];
    tracing::info!(%http_addr, %otlp_grpc_addr, %otlp_http_addr, "observatory listens");
    Ok(Server { http_addr, otlp_grpc_addr, otlp_http_addr, store, stopping, waits, tasks })
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
        let mut tasks = self.tasks;
        let ended = timeout(self.waits.stop, async {
            for task in &mut tasks {
                let _ = task.await;
            }
        });
        if ended.await.is_err() {
            tracing::warn!("cut off connections that did not end");
            tasks.iter().for_each(JoinHandle::abort);
        }
    }
}
