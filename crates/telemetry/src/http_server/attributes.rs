//! What a SERVER span says of its request.

use actix_web::dev::ServiceRequest;
use actix_web::http::{Version, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::ErrorType;
use super::forwarded::Origin;
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
    pub(super) fn describe(&self, span: &mut Recording) {
        let request = self.request;
        span.text("http.request.method", self.method.name);
        if self.method.is_other() {
            span.text("http.request.method_original", request.method().as_str());
        }
        if let Some(route) = self.route {
            span.text("http.route", route);
        }
        span.text("url.path", request.path());
        span.text("url.scheme", self.origin.scheme);
        let query = request.query_string();
        if self.queries && !query.is_empty() {
            span.text("url.query", &query::redacted(query));
        }
        self.server(span);
        self.peers(span);
        if let Some(version) = protocol_version(request.version()) {
            span.text("network.protocol.version", version);
        }
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        if let Some(agent) = agent.filter(|agent| !agent.is_empty()) {
            span.text("user_agent.original", agent);
        }
    }

    /// The name that the client used, and the port that goes with it: the scheme's own where it named none.
    fn server(&self, span: &mut Recording) {
        let authority = || self.request.uri().authority().map(|authority| authority.as_str());
        let host = || self.request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let named = self.origin.host.or_else(authority).or_else(host).filter(|host| !host.is_empty());
        let (address, port) = match named.map(shared_text::host_and_port) {
            Some((address, port)) => {
                let default = if self.origin.scheme == "https" { 443 } else { 80 };
                (address, port.unwrap_or(default))
            }
            // HTTP/1.0 has no Host: what is left is where the request arrived.
            None => {
                let local = self.request.app_config().local_addr();
                (shared_text::address(local.ip()), local.port())
            }
        };
        span.text("server.address", &address);
        span.number("server.port", port);
    }

    fn peers(&self, span: &mut Recording) {
        let Some(peer) = self.request.peer_addr() else { return };
        let address = shared_text::address(peer.ip());
        let client = match self.origin.client {
            Some(client) if client != peer.ip() => shared_text::address(client),
            _ => address.clone(),
        };
        span.text("client.address", &client);
        span.text("network.peer.address", &address);
        span.number("network.peer.port", peer.port());
    }
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
