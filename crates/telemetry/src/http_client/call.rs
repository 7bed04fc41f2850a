//! One try of a request, from before it is sent to the head of its answer: a span and its metrics.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use http::Extensions;
use opentelemetry::Context;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt};
use pin_project_lite::pin_project;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, SERVER};
use reqwest::{Request, Response};

use super::attributes::{self, Departure, Server};
use super::reason::reason;
use crate::clock::Started;
use crate::metrics::{ClientRequest, Took};
use crate::pipeline::Telemetry;
use crate::recording::{self, Handle, Recorder};
use crate::{propagation, semconv};

static TRACE_ID: HeaderName = HeaderName::from_static(propagation::TRACE_ID);

/// How often a request was sent, kept where a middleware that retries hands it on from try to try.
#[derive(Clone, Copy, Debug)]
struct Sent(u32);

/// A call that is under way.
pub(super) struct Call {
    /// With the call's span, and the telemetry of the request that it is made for.
    pub(super) context: Context,
    /// `None` where it is not recorded.
    span: Option<Handle>,
    method: &'static str,
    server: Server,
    started: Started,
    ended: bool,
}

impl Call {
    /// Begins the span, and writes it into the request's headers.
    pub(super) fn begin(
        telemetry: &Telemetry,
        recorder: &Arc<Recorder>,
        parent: &Context,
        request: &mut Request,
        resend_count: u32,
    ) -> Self {
        let (rules, started) = (telemetry.http_rules(), Started::now());
        let method = rules.methods.find(request.method().as_str());
        let server = Server::of(request.url());
        let departure = Departure { request, method, server: &server, resend_count, queries: rules.queries };
        let name = (Cow::Borrowed(method.in_name()), SpanKind::Client);
        let begun = recording::begin((telemetry, recorder), parent, name, &started, |span| departure.describe(span));
        telemetry.propagators().inject(&begun.context, |field, value| {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().insert(field.header_name(), value);
            }
        });
        let (context, span) = (begun.context, begun.span);
        Self { context, span, method: method.name, server, started, ended: false }
    }

    /// `result` is the head of the answer, or why there is none.
    fn end(&mut self, result: Result<&Response, &'static str>) {
        let response = result.ok();
        let status = response.map(|response| response.status().as_u16());
        // Unlike on the server's side, 4xx is an error here: the caller did not get what it asked for.
        let error = match (result, status) {
            (Err(reason), _) => Some(reason),
            (Ok(_), Some(status)) if status >= 400 => Some(semconv::status_text(status)),
            _ => None,
        };
        self.finish(response, status, error);
    }

    fn finish(&mut self, response: Option<&Response>, status: Option<u16>, error: Option<&'static str>) {
        self.ended = true;
        let ended = self.started.end();
        let protocol_version = response.and_then(|response| attributes::protocol_version(response.version()));
        if let Some(handle) = &self.span {
            let peer = response.and_then(|response| self.peer(response.headers()));
            let mut span = handle.lock();
            if let Some(status) = status {
                span.number("http.response.status_code", status);
            }
            if let Some(version) = protocol_version {
                span.text("network.protocol.version", version);
            }
            if let Some(peer) = peer {
                span.text("peer.service", peer);
            }
            if let Some(error) = error {
                span.text("error.type", error);
                span.set_status(Status::error(""));
            }
            span.end(ended.unix_nanos);
        }
        let Some(telemetry) = self.context.get::<Telemetry>() else { return };
        let request = ClientRequest {
            method: self.method,
            server_address: self.server.address.clone(),
            server_port: self.server.port,
            status,
            error,
            protocol_version,
        };
        let span = self.context.span();
        let took = Took { duration: ended.duration, ended: ended.at, span: span.span_context() };
        telemetry.metrics().client_request_ends(&request, took);
    }

    /// The peer's `service.name`: its `Server` header (RFC 9110 section 10.2.4), where it says that it has made a span of
    /// this very trace. Any other peer may call itself what it likes.
    fn peer<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let trace_id = headers.get(&TRACE_ID)?.as_bytes();
        let ours = *trace_id == propagation::trace_id_text(self.context.span().span_context().trace_id());
        headers.get(SERVER).filter(|_| ours)?.to_str().ok()
    }
}

impl Drop for Call {
    /// Reached when the caller stopped waiting. That is its own doing, and no error of the call: the span has neither status
    /// nor `error.type` (HTTP client conventions, section "Status").
    fn drop(&mut self) {
        if !self.ended {
            self.finish(None, None, None);
        }
    }
}

/// Counts this try.
pub(super) fn sent_before(extensions: &mut Extensions) -> u32 {
    if let Some(Sent(times)) = extensions.get_mut() {
        *times += 1;
        return *times - 1;
    }
    extensions.insert(Sent(1));
    0
}

/// What a try comes to.
pub(super) trait Outcome {
    /// The head of the answer, or `error.type`.
    fn head(&self) -> Result<&Response, &'static str>;
}

impl Outcome for reqwest::Result<Response> {
    fn head(&self) -> Result<&Response, &'static str> {
        self.as_ref().map_err(reason)
    }
}

impl Outcome for reqwest_middleware::Result<Response> {
    /// A middleware's own errors are `_OTHER`.
    fn head(&self) -> Result<&Response, &'static str> {
        self.as_ref().map_err(|error| match error {
            reqwest_middleware::Error::Reqwest(error) => reason(error),
            reqwest_middleware::Error::Middleware(_) => "_OTHER",
        })
    }
}

pin_project! {
    /// An answer in the making, and the call that it belongs to. Dropped in this order: what runs inside ends first.
    pub(super) struct Observed<F> {
        #[pin]
        pub(super) answer: F,
        pub(super) call: Call,
    }
}

impl<F: Future<Output: Outcome>> Future for Observed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let attached = this.call.context.clone().attach();
        let polled = this.answer.poll(task);
        drop(attached);
        if let Poll::Ready(result) = &polled {
            this.call.end(result.head());
        }
        polled
    }
}
