//! The accept loop of a port: bounded connections, none of which can be held for nothing.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::ServiceExt;

use crate::Waits;

/// How many connections a port has at once; the next ones wait to be accepted. Each program of the chain has a few.
/// Three ports of these stay below 1,024 open files, the usual limit of a process.
const MAX_CONNECTIONS: usize = 256;

/// How many requests one HTTP/2 connection has at once. Exporters send one after the other.
const MAX_STREAMS: u32 = 100;

/// How long accepting pauses when the process has no files left: enough for some connection to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves HTTP/1.1 and HTTP/2 without TLS until it is told to stop, or nobody is left to tell it; then until the
/// requests under way have ended. Connections end with this future, however it ends.
pub(super) async fn serve(listener: TcpListener, routes: Router, waits: Waits, mut stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
            () = told_to_stop(&mut stopping) => break,
        };
        connections.spawn(connection(stream, place, routes.clone(), waits, stopping.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn connection(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    routes: Router,
    waits: Waits,
    mut stopping: watch::Receiver<bool>,
) {
    let asked = Arc::new(AtomicBool::new(false));
    let seen = asked.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        routes.clone().oneshot(request)
    });
    let builder = builder(waits);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let served = tokio::select! {
        // The connection comes first. Where this process stood still for so long that the time is up when it goes on, a
        // request may have come meanwhile: it is read, and answered, before its absence is judged.
        biased;
        served = connection.as_mut() => served,
        // hyper's own timers begin once it knows the version of HTTP.
        () = silence(&asked, waits.head) => {
            tracing::debug!("closed a connection that asked nothing");
            return;
        }
        () = told_to_stop(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn builder(waits: Waits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(waits.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(waits.ping)
        .keep_alive_timeout(waits.ping);
    builder
}

/// Returns after this time unless there was a request.
async fn silence(asked: &AtomicBool, time: Duration) {
    sleep(time).await;
    if asked.load(Ordering::Relaxed) {
        pending().await
    }
}

async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
