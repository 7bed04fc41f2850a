//! CLIENT spans and request metrics of reqwest, and the trace's context on the wire.
//!
//! Put [`Tracing`] inside of any middleware that retries, so that each try is a span of its own.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "HTTP client" spans and `http.client.request.duration`.

use std::sync::Arc;
use std::time::Instant;

use http::Extensions;
use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use reqwest::header::{HeaderMap, HeaderValue, SERVER};
use reqwest::{Request, Response, Url, Version};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::metrics::{ClientRequest, Took};
use crate::pipeline::Telemetry;
use crate::{active, propagation, semconv};

/// Makes a CLIENT span of each request, and hands its context on as `traceparent`. Outside of a traced request, and with
/// telemetry disabled, requests pass through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

#[async_trait::async_trait]
impl Middleware for Tracing {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let Some(telemetry) = active::telemetry() else { return next.run(request, extensions).await };
        let Some(tracer) = telemetry.tracer() else { return next.run(request, extensions).await };
        let parent = Context::current();
        let method = semconv::known_method(request.method().as_str());
        let builder = tracer.span_builder(semconv::method_in_name(method)).with_kind(SpanKind::Client);
        let context = parent.with_span(tracer.build_with_context(builder, &parent));
        if context.span().is_recording() {
            context.span().set_attributes(attributes(&request, method));
        }
        telemetry.propagators().inject(&context, |field, value| {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().insert(field.header_name(), value);
            }
        });
        let mut call = Call {
            telemetry,
            context: context.clone(),
            method,
            server_address: server_address(request.url()).into(),
            server_port: request.url().port_or_known_default().unwrap_or_default(),
            begun: Instant::now(),
            ended: false,
        };
        let result = next.run(request, extensions).with_context(context).await;
        call.end(&result);
        result
    }
}

fn attributes(request: &Request, method: &'static str) -> Vec<KeyValue> {
    let url = request.url();
    let mut attributes = vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.full", redacted(url)),
        KeyValue::new("server.address", server_address(url).to_owned()),
        KeyValue::new("server.port", i64::from(url.port_or_known_default().unwrap_or_default())),
    ];
    if method == semconv::OTHER_METHOD {
        attributes.push(KeyValue::new("http.request.method_original", request.method().as_str().to_owned()));
    }
    attributes
}

/// The host, an IPv6 address without its brackets.
fn server_address(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}

/// The URL without what it may give away: credentials become `REDACTED`, the query is left out.
fn redacted(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        // Both fail only for URLs without a host, which have no credentials.
        let _ = url.set_username("REDACTED");
        let _ = url.set_password(Some("REDACTED"));
    }
    url.into()
}

/// One call, from its start to the head of its answer.
struct Call {
    telemetry: Telemetry,
    context: Context,
    method: &'static str,
    server_address: Arc<str>,
    server_port: u16,
    begun: Instant,
    ended: bool,
}

impl Call {
    fn end(&mut self, result: &Result<Response>) {
        let (status, error) = match result {
            Ok(response) => {
                let status = response.status().as_u16();
                // Unlike on the server's side, 4xx is an error here: the caller did not get what it asked for.
                (Some(status), (status >= 400).then(|| semconv::status_text(status)))
            }
            Err(error) => (None, Some(reason(error))),
        };
        if let Some(peer) = result.as_ref().ok().and_then(|response| self.peer(response.headers())) {
            self.context.span().set_attribute(KeyValue::new("peer.service", peer));
        }
        let version = result.as_ref().ok().and_then(|response| protocol_version(response.version()));
        self.finish(status, error, version, true);
    }

    /// The peer's `service.name`: its `Server` header (RFC 9110 section 10.2.4), where it says that it has made a span of
    /// this very trace. Any other peer may call itself what it likes.
    fn peer(&self, headers: &HeaderMap) -> Option<String> {
        let trace_id = headers.get(propagation::TRACE_ID)?.to_str().ok()?;
        let ours = trace_id == self.context.span().span_context().trace_id().to_string();
        headers.get(SERVER).filter(|_| ours)?.to_str().ok().map(str::to_owned)
    }

    fn finish(
        &mut self,
        status: Option<u16>,
        error: Option<&'static str>,
        protocol_version: Option<&'static str>,
        failed: bool,
    ) {
        self.ended = true;
        let span = self.context.span();
        if let Some(status) = status {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        }
        if let Some(error) = error {
            span.set_attribute(KeyValue::new("error.type", error));
            if failed {
                span.set_status(Status::error(""));
            }
        }
        span.end();
        let request = ClientRequest {
            method: self.method,
            server_address: Arc::clone(&self.server_address),
            server_port: self.server_port,
            status,
            error,
            protocol_version,
        };
        let took = Took::since(self.begun, span.span_context());
        self.telemetry.metrics().client_request_ends(&request, took);
    }
}

impl Drop for Call {
    /// Reached when the caller stopped waiting. That is its own doing, and no error of the call (HTTP client conventions).
    fn drop(&mut self) {
        if !self.ended {
            self.finish(None, Some("cancelled"), None, false);
        }
    }
}

/// A bounded set of names for why no answer came.
fn reason(error: &Error) -> &'static str {
    match error {
        Error::Reqwest(error) if error.is_timeout() => "timeout",
        Error::Reqwest(error) if error.is_connect() => "connection_refused",
        Error::Reqwest(error) if error.is_redirect() => "redirect",
        Error::Reqwest(error) if error.is_body() || error.is_decode() => "bad_answer",
        Error::Reqwest(error) if error.is_request() => "connection_lost",
        _ => "_OTHER",
    }
}

fn protocol_version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        _ => None,
    }
}
