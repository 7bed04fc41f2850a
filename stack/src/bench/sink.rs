//! A receiver of OTLP/HTTP that counts spans and keeps nothing. It can take its time over each answer.

use super::message::Extent;
use crate::failure::Failure;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// An empty `ExportTraceServiceResponse`: all was taken.
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
/// Where traces are posted to (OTLP specification, "OTLP/HTTP Request").
const TRACES: &[u8] = b"POST /v1/traces ";
/// How often the count is looked at while something is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running receiver; it ends when dropped.
pub struct Sink {
    address: SocketAddr,
    received: Arc<Received>,
    _stop: oneshot::Sender<()>,
}

/// What came.
#[derive(Debug, Default)]
struct Received {
    spans: AtomicU64,
    bytes: AtomicU64,
}

impl Sink {
    /// Listens on a free port of 127.0.0.1, and answers each export after `delay`.
    pub fn start(delay: Duration) -> Result<Self, Failure> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let received = Arc::new(Received::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let counted = Arc::clone(&received);
        std::thread::spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                tokio::select! {
                    () = accept(listener, delay, counted) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, received, _stop: stop })
    }

    /// `OTEL_EXPORTER_OTLP_ENDPOINT` of those that export to it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Spans received so far.
    pub fn spans(&self) -> u64 {
        self.received.spans.load(Ordering::Relaxed)
    }

    /// Bytes of all exports of traces so far, uncompressed.
    pub fn bytes(&self) -> u64 {
        self.received.bytes.load(Ordering::Relaxed)
    }

    /// Waits until this many spans have come, at most so long; says how many came.
    pub fn await_spans(&self, count: u64, limit: Duration) -> u64 {
        let deadline = Instant::now() + limit;
        while self.spans() < count && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
        self.spans()
    }
}

async fn accept(listener: TcpListener, delay: Duration, received: Arc<Received>) {
    while let Ok((stream, _)) = listener.accept().await {
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            // A sender that goes away, or that this does not understand, shows in the count.
            let _ = receive(stream, delay, &received).await;
        });
    }
}

async fn receive(mut stream: TcpStream, delay: Duration, received: &Received) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        let Some(extent) = Extent::of(&bytes).map_err(std::io::Error::other)? else {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            continue;
        };
        bytes.reserve(extent.total().saturating_sub(bytes.len()));
        while bytes.len() < extent.total() {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        let body = bytes.get(extent.head..extent.total()).unwrap_or_default();
        if bytes.starts_with(TRACES) {
            received.spans.fetch_add(count(body), Ordering::Relaxed);
            received.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        }
        bytes.drain(..extent.total());
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        stream.write_all(TAKEN).await?;
    }
}

/// The spans of an `ExportTraceServiceRequest`. What cannot be read counts as none.
fn count(request: &[u8]) -> u64 {
    let scopes = otlp::walk::resource_spans(request).flatten().flat_map(|resource| resource.scope_spans().flatten());
    scopes.map(|scope| scope.spans().count() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use otlp::encode::{SpanRecord, TraceRequest};
    use std::io::{Read, Write};

    #[test]
    fn every_span_of_every_export_is_counted() {
        let mut request = TraceRequest::new(&[], "bench", "1");
        for _ in 0..3 {
            request.push(&SpanRecord::default());
        }
        let body = request.bytes();
        let sink = Sink::start(Duration::ZERO).unwrap();
        let mut stream = std::net::TcpStream::connect(sink.address).unwrap();
        for _ in 0..2 {
            write!(stream, "POST /v1/traces HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
            stream.write_all(body).unwrap();
            let mut answer = [0; TAKEN.len()];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(answer, TAKEN);
        }
        assert_eq!(sink.spans(), 6);
        assert_eq!(sink.bytes(), 2 * body.len() as u64);
    }
}
