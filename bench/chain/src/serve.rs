//! The HTTP server that both programs and both halves run on.

use std::net::SocketAddr;

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// Answers with what `routes` has, on one thread, until SIGTERM.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(
    listen: SocketAddr,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<()> {
    HttpServer::new(move || App::new().configure(routes.clone())).workers(1).bind(listen)?.run().await
}
