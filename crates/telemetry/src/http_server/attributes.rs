//! What a SERVER span says of its request.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::Version;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::ErrorType;
use super::caller::{Caller, Callers};
use super::forwarded::{HTTPS, Origin};
use crate::methods::Method;
use crate::recording::Recording;
use crate::{query, shared_text};

/// What is known of a request when it arrives.
pub(super) struct Arrival<'a> {
    pub(super) request: &'a ServiceRequest,
    pub(super) method: Method,
    pub(super) route: Option<&'static str>,
    pub(super) origin: Origin<'a>,
    pub(super) queries: bool,
}

impl Arrival<'_> {
    /// Adds all attributes; called for spans that record, and for no others.
    pub(super) fn describe(&self, callers: &Callers, span: &mut Recording) {
        let (request, caller) = (self.request, self.caller());
        callers.describe(&caller, span, |span| self.describe_caller(&caller, span));
        if self.method.is_other() {
            span.text("http.request.method_original", request.method().as_str());
        }
        span.text("url.path", request.path());
        let query = request.query_string();
        if self.queries && !query.is_empty() {
            span.text("url.query", &query::redacted(query));
        }
        if let Some(peer) = request.peer_addr() {
            span.number("network.peer.port", peer.port());
        }
    }

    fn caller(&self) -> Caller<'_> {
        let request = self.request;
        let authority = || request.uri().authority().map(|authority| authority.as_str());
        let value = |name| request.headers().get(name).map(HeaderValue::as_bytes);
        let host = self.origin.host.or_else(authority).map(str::as_bytes).or_else(|| value(header::HOST));
        Caller {
            method: self.method.name,
            scheme: self.origin.scheme,
            version: request.version(),
            client: self.origin.client,
            peer: request.peer_addr().map(|peer| peer.ip()),
            host: host.filter(|host| !host.is_empty()),
            agent: value(header::USER_AGENT).filter(|agent| !agent.is_empty()),
        }
    }

    fn describe_caller(&self, caller: &Caller<'_>, span: &mut Recording) {
        span.text("http.request.method", caller.method);
        if let Some(route) = self.route {
            span.text("http.route", route);
        }
        span.text("url.scheme", caller.scheme);
        let (address, port) = self.server(caller);
        span.text("server.address", &address);
        span.number("server.port", port);
        if let Some(peer) = caller.peer {
            let address = shared_text::address(peer);
            match caller.client {
                Some(client) if client != peer => span.text("client.address", &shared_text::address(client)),
                _ => span.text("client.address", &address),
            }
            span.text("network.peer.address", &address);
        }
        if let Some(version) = protocol_version(caller.version) {
            span.text("network.protocol.version", version);
        }
        if let Some(agent) = text(caller.agent) {
            span.text("user_agent.original", agent);
        }
    }

    /// The name that the client used, and the port that goes with it: the scheme's own where it named none.
    fn server(&self, caller: &Caller<'_>) -> (Arc<str>, u16) {
        match text(caller.host).map(shared_text::host_and_port) {
            Some((address, port)) => (address, port.unwrap_or(if caller.scheme == HTTPS { 443 } else { 80 })),
            // HTTP/1.0 has no Host: what is left is where the request arrived.
            None => {
                let local = self.request.app_config().local_addr();
                (shared_text::address(local.ip()), local.port())
            }
        }
    }
}

/// What is text of a header.
fn text(value: Option<&[u8]>) -> Option<&str> {
    value.and_then(|value| std::str::from_utf8(value).ok())
}

/// What was put into the extensions as the reason of a failure.
pub(super) fn error_type<B>(request: &HttpRequest, response: &HttpResponse<B>) -> Option<&'static str> {
    let named = response.extensions().get::<ErrorType>().map(|error| error.0);
    named.or_else(|| request.extensions().get::<ErrorType>().map(|error| error.0))
}

/// `network.protocol.version`.
pub(super) fn protocol_version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        _ => None,
    }
}
