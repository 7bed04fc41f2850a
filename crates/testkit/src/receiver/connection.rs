//! One connection after another, and the requests on each.

use std::net::TcpListener;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::reply::{Body, Form};
use super::request::is_grpc;
use super::{Reply, Request, State};

/// What somebody answers who does not speak HTTP.
const GARBAGE: &[u8] = b"\x16\x03\x01 220 mail.example.com ready\r\n\r\n";

pub(super) async fn accept(listener: TcpListener, tls: Option<Arc<ServerConfig>>, state: Arc<State>) {
    listener.set_nonblocking(true).expect("a socket");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None if matches!(state.lock().usual, Reply::Garbage) => garbage(stream, &state).await,
                None => serve(stream, 0, state).await,
                Some(tls) => {
                    // Who does not trust the certificate closes the connection; that is for the client to say.
                    let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
                    let certificates = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
                    serve(stream, certificates, state).await;
                }
            }
        });
    }
}

async fn garbage(mut stream: TcpStream, state: &State) {
    let mut asked = [0; 1024];
    // A client that has gone does not want the answer.
    if stream.read(&mut asked).await.is_ok() {
        let _ = stream.write_all(GARBAGE).await;
    }
    state.change(|_| {});
}

async fn serve<S>(stream: S, client_certificates: usize, state: Arc<State>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(request, client_certificates, Arc::clone(&state)));
    // An end that a test asked for is no failure.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    client_certificates: usize,
    state: Arc<State>,
) -> Result<hyper::Response<Body>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let (mut reply, mut form) = (Reply::Taken, Form::Http);
    state.change(|inner| {
        reply = inner.script.pop_front().unwrap_or_else(|| inner.usual.clone());
        let request = Request::new(&head, &body, client_certificates, reply.takes());
        if is_grpc(&head) {
            form = Form::Grpc { compressed: request.compressed };
        }
        inner.requests.push(request);
    });
    let mut open = state.open.subscribe();
    if !*open.borrow() {
        let held = Held::begin(&state);
        // The gate goes with the receiver.
        let _ = open.wait_for(|open| *open).await;
        drop(held);
    }
    Ok(reply.answer(form).await)
}

/// A request that waits for its answer, also when its connection goes away meanwhile.
struct Held<'a>(&'a State);

impl<'a> Held<'a> {
    fn begin(state: &'a State) -> Self {
        state.change(|inner| {
            inner.held += 1;
            inner.held_at_most = inner.held_at_most.max(inner.held);
        });
        Self(state)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.change(|inner| inner.held -= 1);
    }
}
