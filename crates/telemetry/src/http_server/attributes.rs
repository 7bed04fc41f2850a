//! What a SERVER span says of its request.

use actix_web::dev::ServiceRequest;
use actix_web::http::{Version, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use opentelemetry::{KeyValue, Value};

use super::ErrorType;
use super::forwarded::Origin;
use crate::methods::Method;
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
    pub(super) fn describe(&self, attributes: &mut Vec<KeyValue>) {
        let request = self.request;
        attributes.push(KeyValue::new("http.request.method", self.method.name));
        if self.method.is_other() {
            attributes.push(KeyValue::new("http.request.method_original", request.method().as_str().to_owned()));
        }
        if let Some(route) = self.route {
            attributes.push(KeyValue::new("http.route", route));
        }
        attributes.push(KeyValue::new("url.path", self.path()));
        attributes.push(KeyValue::new("url.scheme", self.origin.scheme));
        let query = request.query_string();
        if self.queries && !query.is_empty() {
            attributes.push(KeyValue::new("url.query", query::redacted(query).into_owned()));
        }
        self.server(attributes);
        self.peers(attributes);
        if let Some(version) = protocol_version(request.version()) {
            attributes.push(KeyValue::new("network.protocol.version", version));
        }
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        if let Some(agent) = agent.filter(|agent| !agent.is_empty()) {
            attributes.push(KeyValue::new("user_agent.original", shared_text::text(agent)));
        }
    }

    /// A path without parameters is its own route, and costs no copy.
    fn path(&self) -> Value {
        let path = self.request.path();
        match self.route {
            Some(route) if route == path => route.into(),
            _ => path.to_owned().into(),
        }
    }

    /// The name that the client used, and the port that goes with it: the scheme's own where it named none.
    fn server(&self, attributes: &mut Vec<KeyValue>) {
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
        attributes.push(KeyValue::new("server.address", address));
        attributes.push(KeyValue::new("server.port", i64::from(port)));
    }

    fn peers(&self, attributes: &mut Vec<KeyValue>) {
        let Some(peer) = self.request.peer_addr() else { return };
        let address = shared_text::address(peer.ip());
        let client = match self.origin.client {
            Some(client) if client != peer.ip() => shared_text::address(client),
            _ => address.clone(),
        };
        attributes.push(KeyValue::new("client.address", client));
        attributes.push(KeyValue::new("network.peer.address", address));
        attributes.push(KeyValue::new("network.peer.port", i64::from(peer.port())));
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
