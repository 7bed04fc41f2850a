//! A receiver of OTLP that answers as it is told: over HTTP and gRPC on one port, with and without TLS.
//!
//! It has a thread and a runtime of its own, so that it answers also while the runtime of a test is blocked or gone. What
//! waits here waits for an event, and panics where that does not come.

mod connection;
mod reply;
mod request;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use rustls::ServerConfig;
use tokio::sync::{oneshot, watch};

pub use reply::Reply;
pub use request::Request;

/// How long an event may take to come: far longer than it does, as a test's machine may be busy.
const EVENT_LIMIT: Duration = Duration::from_secs(60);

/// A free port of this machine.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A receiver that listens.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the receiver and who asks it share.
#[derive(Debug)]
struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// Answers wait while it is shut.
    open: watch::Sender<bool>,
}

#[derive(Debug)]
struct Inner {
    requests: Vec<Request>,
    script: VecDeque<Reply>,
    usual: Reply,
    held: usize,
    held_at_most: usize,
}

impl Receiver {
    /// Starts one that takes everything.
    pub fn start() -> Self {
        Self::listen(ANYWHERE, None)
    }

    /// The same, at this address.
    pub fn start_at(address: SocketAddr) -> Self {
        Self::listen(address, None)
    }

    /// The same, for `https`.
    pub fn with_tls(tls: ServerConfig) -> Self {
        Self::listen(ANYWHERE, Some(Arc::new(tls)))
    }

    fn listen(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let inner =
            Inner { requests: Vec::new(), script: VecDeque::new(), usual: Reply::Taken, held: 0, held_at_most: 0 };
        let state = State { inner: Mutex::new(inner), changed: Condvar::new(), open: watch::Sender::new(true) };
        let state = Arc::new(state);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = connection::accept(listener, tls, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, scheme, state, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` has to be, for both protocols.
    pub fn endpoint(&self) -> String {
        // A certificate is for a name.
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}", self.scheme, self.address.port())
    }

    /// The next requests are answered like this, one after another; those after them as usual.
    pub fn answer_next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().script.extend(replies);
    }

    /// All requests that nothing else was said of are answered like this from now on.
    pub fn answer_always(&self, reply: Reply) {
        self.state.lock().usual = reply;
    }

    /// Requests are read, and not answered before [`Self::release`].
    pub fn hold(&self) {
        self.state.open.send_replace(false);
    }

    /// Answers what is held, and what comes, at once.
    pub fn release(&self) {
        self.state.open.send_replace(true);
    }

    /// Waits until so many requests are held at the same time.
    pub fn wait_until_held(&self, requests: usize) {
        self.state.wait(|inner| inner.held >= requests, || format!("{requests} requests at a time"));
    }

    /// The most requests that were held at the same time.
    pub fn held_at_most(&self) -> usize {
        self.state.lock().held_at_most
    }

    /// Waits until it was asked so often, and gives back all requests so far.
    pub fn wait_until_asked(&self, times: usize) -> Vec<Request> {
        self.state.wait(|inner| inner.requests.len() >= times, || format!("{times} requests"));
        self.requests()
    }

    /// Waits until it has taken so many requests.
    pub fn wait_until_taken(&self, requests: usize) {
        let taken = |inner: &Inner| inner.requests.iter().filter(|request| request.taken).count();
        self.state.wait(|inner| taken(inner) >= requests, || format!("{requests} requests to take"));
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().requests.clone()
    }

    /// The spans of the requests that it took.
    pub fn spans(&self) -> Vec<Span> {
        self.requests().iter().filter(|request| request.taken).flat_map(Request::spans).collect()
    }

    /// Their names, in order.
    pub fn span_names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.spans().into_iter().map(|span| span.name).collect();
        names.sort();
        names
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What went wrong there shows in what did not arrive.
            let _ = thread.join();
        }
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, done: impl Fn(&Inner) -> bool, what: impl Fn() -> String) {
        let waited = self.changed.wait_timeout_while(self.lock(), EVENT_LIMIT, |inner| !done(inner));
        let (inner, result) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!result.timed_out(), "no {} within {EVENT_LIMIT:?}, but {}", what(), inner.requests.len());
    }
}
