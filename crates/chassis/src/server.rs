//! From a configuration and a table of routes to a running service, and its orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use telemetry::Telemetry;
use tokio::task::JoinHandle;

use crate::body::Schemas;
use crate::config::Config;
use crate::database::Database;
use crate::deadline::Cap;
use crate::faults::Listener;
use crate::health::Health;
use crate::openapi;
use crate::routes::Routes;

/// How long a client may take for its request's headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept: longer than the gateway keeps it, so that the gateway is who closes it, and never
/// sends a request into a connection that is being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Threads of a worker for what blocks, which are names that the system's resolver looks up for new connections. A burst of
/// requests wants one for each of them; without a limit they are as many as a container may have altogether, and the next
/// thread that is needed, such as the exporter's, is refused. A lookup takes milliseconds: those that wait are soon served.
pub const BLOCKING_THREADS: usize = 32;

/// What makes a service: everything but its settings.
pub struct Service<S> {
    /// Its table of routes.
    pub routes: fn(&mut Routes),
    /// Its OpenAPI document.
    pub openapi: utoipa::openapi::OpenApi,
    /// What its handlers take as `web::Data<S>`.
    pub state: S,
    /// Its schema, where it has one.
    pub database: Option<Database>,
}

/// A running service.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
    stopping: Arc<AtomicBool>,
    telemetry: Telemetry,
    database: Option<Database>,
    faults: Option<Listener>,
}

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where it should have listened.
        address: SocketAddr,
        /// Why it cannot.
        source: std::io::Error,
    },
    /// The exporter could not be built.
    #[error(transparent)]
    Telemetry(#[from] telemetry::pipeline::StartError),
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

impl Server {
    /// Starts `service` as `config` says. It answers when this returns; whether it is ready is another question.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the exporter cannot be built.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start<S: Send + Sync + 'static>(config: &Config, service: Service<S>) -> Result<Self, StartError> {
        let telemetry = Telemetry::start(&config.telemetry)?;
        if let Some(database) = &service.database {
            database.pool().counted_by(&telemetry);
        }
        let stopping = Arc::new(AtomicBool::new(false));
        let health = Health {
            identity: config.identity.clone(),
            database: service.database.clone(),
            stopping: Arc::clone(&stopping),
        };
        let faults = match config.faults {
            None => None,
            Some(address) => {
                let listener = Listener::start(address, &config.identity, service.database.as_ref(), &telemetry);
                Some(listener.map_err(|source| StartError::Listen { address, source })?)
            }
        };
        let board = faults.as_ref().map(|listener| web::Data::new(listener.board.clone()));
        let cap = Cap { limit: config.request_timeout, faults: board.is_some() };
        let (handle_telemetry, schemas) = (telemetry.clone(), Schemas::default());
        let document = web::Data::new(openapi::complete(service.openapi, &config.identity));
        let identity = web::Data::new(config.identity.clone());
        let (health, state) = (web::Data::new(health), web::Data::new(service.state));
        let routes = service.routes;
        let listen = |source| StartError::Listen { address: config.listen, source };
        let server = HttpServer::new(move || {
            App::new()
                // Once for the middleware, which reads it for every request, and once for handlers.
                .app_data(handle_telemetry.clone())
                .app_data(web::Data::new(handle_telemetry.clone()))
                .app_data(cap)
                .app_data(schemas.clone())
                .app_data(document.clone())
                .app_data(identity.clone())
                .app_data(health.clone())
                .app_data(state.clone())
                .configure(|app| {
                    let mut table = Routes::default();
                    routes(&mut table);
                    table.standard();
                    match &board {
                        None => table.register(app),
                        Some(board) => table.register_with_faults(app.app_data(board.clone())),
                    }
                })
        })
        .workers(config.workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .client_request_timeout(HEADER_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(config.shutdown_timeout.as_secs().max(1))
        .disable_signals()
        .bind(config.listen)
        .map_err(listen)?;
        let address = server.addrs().first().copied().unwrap_or(config.listen);
        let server = server.run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        telemetry.scope(|| tracing::info!(%address, version = config.identity.version, "service started"));
        Ok(Self { address, handle, running, stopping, telemetry, database: service.database, faults })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is asked for faults; `None` where that is off.
    pub fn faults_address(&self) -> Option<SocketAddr> {
        self.faults.as_ref().map(|listener| listener.address)
    }

    /// Its telemetry, for tests that have to see a span now.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Ends it: not ready at once, then what is under way is answered, then the last spans leave.
    pub async fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.handle.stop(true).await;
        // The server's own task has ended with it.
        let _ = self.running.await;
        if let Some(faults) = self.faults {
            // They may hold connections, which the pool would wait for.
            faults.stop().await;
        }
        if let Some(database) = &self.database {
            database.close().await;
        }
        let telemetry = self.telemetry;
        // The exporter's end blocks; it has a limit of its own.
        match tokio::task::spawn_blocking(move || telemetry.shutdown()).await {
            Ok(Ok(())) => tracing::info!("service stopped"),
            Ok(Err(error)) => tracing::warn!(%error, "service stopped; its last telemetry may be lost"),
            Err(error) => tracing::error!(%error, "the exporter panicked at its end"),
        }
    }
}
