//! The private port.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use telemetry::Telemetry;
use tokio::task::JoinHandle;

use super::board::Board;
use super::{gauge, routes};
use crate::body::Schemas;
use crate::config::Identity;
use crate::database::Database;

/// One thread: it answers a person now and then.
const WORKERS: usize = 1;

/// The private port, and the faults that are asked for there.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    pub(crate) board: Board,
    handle: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
}

impl Listener {
    /// Listens, with no fault on.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn start(
        listen: SocketAddr,
        identity: &Identity,
        database: Option<&Database>,
        telemetry: &Telemetry,
    ) -> std::io::Result<Self> {
        let board = Board::new(database.cloned(), telemetry.clone());
        gauge::add(telemetry, &board);
        let (data, identity, schemas) =
            (web::Data::new(board.clone()), web::Data::new(identity.clone()), Schemas::default());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(identity.clone())
                .app_data(schemas.clone())
                .configure(routes::register)
        })
        .workers(WORKERS)
        .disable_signals()
        .bind(listen)?;
        let address = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        let (handle, running) = (server.handle(), tokio::spawn(server));
        telemetry.scope(|| tracing::warn!(%address, "faults can be asked for"));
        Ok(Self { address, board, handle, running })
    }

    /// Ends it, and with it every fault.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
        // The server's own task has ended with it.
        let _ = self.running.await;
        self.board.clear(None).await;
    }
}
