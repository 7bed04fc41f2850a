//! One try of a request, from before it is sent to the head of its answer: a span and its metrics.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use http::Extensions;
use opentelemetry::Context;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt};
use pin_project_lite::pin_project;
use reqwest::header::{HeaderMap, HeaderValue, SERVER};
use reqwest::{Request, Response};

use super::attributes::{self, Departure, Server};
use super::reason::reason;
use crate::business::left_out;
use crate::clock::Moment;
use crate::metrics::{ClientRequest, Took};
use crate::pipeline::Telemetry;
use crate::recording::{self, Handle, Recorder, Recording, Start};
use crate::{semconv, short_bytes, signature};

/// How often a request was sent, kept where a middleware that retries hands it on from try to try.
#[derive(Clone, Copy, Debug)]
struct Sent(u32);

/// A call that is under way.
pub(super) struct Call {
    telemetry: Telemetry,
    span: CallSpan,
    method: &'static str,
    server: Server,
    started: Moment,
    ended: bool,
}

/// The call's span.
enum CallSpan {
    /// Nobody else's.
    Own(Recording),
    /// Also that of what runs inside.
    Shared(Handle),
    /// Not recorded; the ids that went out with the request.
    LeftOut(SpanContext),
}

impl CallSpan {
    fn ids(&self) -> &SpanContext {
        match self {
            Self::Own(span) => span.span_context(),
            Self::Shared(handle) => handle.span_context(),
            Self::LeftOut(ids) => ids,
        }
    }
}

impl Call {
    /// Begins the span, and writes it into the request's headers; `None` where it is neither recorded nor measured.
    #[inline]
    pub(super) fn begin(
        telemetry: &Telemetry,
        recorder: &Arc<Recorder>,
        parent: &Context,
        request: &mut Request,
        resend_count: u32,
    ) -> Option<Box<Self>> {
        let measured = telemetry.metrics().recorded();
        if !measured && left_out(parent) == Some(false) {
            telemetry.left_out(false);
            write(telemetry, parent, parent.span().span_context(), request);
            return None;
        }
        let (rules, started) = (telemetry.http_rules(), Moment::now());
        let method = rules.methods.find(request.method().as_str());
        let name = (Cow::Borrowed(method.in_name()), SpanKind::Client);
        let mut span = match recording::begin((telemetry, recorder), parent, name, started) {
            Start::LeftOut(ids) => CallSpan::LeftOut(ids),
            Start::Recorded(span) => CallSpan::Own(span),
        };
        write(telemetry, parent, span.ids(), request);
        if !measured && matches!(span, CallSpan::LeftOut(_)) {
            return None;
        }
        let server = Server::of(request.url());
        let departure = Departure { request, method, server: &server, resend_count, queries: rules.queries };
        if let CallSpan::Own(span) = &mut span {
            departure.describe(span);
        }
        let telemetry = telemetry.clone();
        Some(Box::new(Self { telemetry, span, method: method.name, server, started, ended: false }))
    }

    /// Lets what runs inside have the span as well: as the current one of this context.
    pub(super) fn share(&mut self, parent: &Context) -> Context {
        let handle = match std::mem::replace(&mut self.span, CallSpan::LeftOut(SpanContext::NONE)) {
            CallSpan::Own(span) => Handle::new(span),
            CallSpan::Shared(handle) => handle,
            CallSpan::LeftOut(ids) => {
                self.span = CallSpan::LeftOut(ids.clone());
                return parent.with_remote_span_context(ids);
            }
        };
        self.span = CallSpan::Shared(handle.clone());
        parent.with_span(handle)
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
        let ended = Moment::now();
        let duration = ended.since(self.started);
        let protocol_version = response.and_then(|response| attributes::protocol_version(response.version()));
        let is_recorded = !matches!(self.span, CallSpan::LeftOut(_));
        let peer = response.filter(|_| is_recorded).and_then(|response| self.peer(response.headers()));
        let end = |span: &mut Recording| {
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
            span.end_after(duration);
        };
        match &mut self.span {
            CallSpan::LeftOut(_) => {}
            CallSpan::Own(span) => end(span),
            CallSpan::Shared(handle) => end(&mut handle.lock()),
        }
        let metrics = self.telemetry.metrics();
        if metrics.recorded() {
            let request = ClientRequest {
                method: self.method,
                server_address: self.server.address.clone(),
                server_port: self.server.port,
                status,
                error,
                protocol_version,
            };
            metrics.client_request_ends(&request, Took { duration, ended, span: self.span.ids() });
        }
    }

    /// The peer's `service.name`, where it says that it has made a span right below this one.
    fn peer<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        signature::signer(headers.get(SERVER)?.as_bytes(), self.span.ids().span_id())
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

/// Writes the ids into the request's headers, with the baggage of its context.
fn write(telemetry: &Telemetry, context: &Context, ids: &SpanContext, request: &mut Request) {
    telemetry.propagators().inject_span(context, ids, |field, value| {
        if let Ok(value) = HeaderValue::from_maybe_shared(short_bytes::joined(&[value])) {
            request.headers_mut().insert(field.header_name(), value);
        }
    });
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
    /// An answer in the making, and the call that it belongs to. The call stays behind a pointer, so that a request of which
    /// nothing is made does not move its room from future to future.
    pub(super) struct Observed<F> {
        // Dropped first: what runs inside ends before the call.
        #[pin]
        pub(super) answer: F,
        pub(super) call: Option<Box<Call>>,
    }
}

impl<F: Future<Output: Outcome>> Future for Observed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = this.answer.poll(task);
        if let (Poll::Ready(result), Some(call)) = (&polled, this.call) {
            call.end(result.head());
        }
        polled
    }
}
