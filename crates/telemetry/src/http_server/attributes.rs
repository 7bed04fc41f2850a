//! What a SERVER span says of its request.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Version, header};
use opentelemetry::KeyValue;

use crate::peer;

/// Room for every attribute, so that the list is allocated once.
const MOST_ATTRIBUTES: usize = 12;

/// The attributes that are known when the request arrives. The query is left out: it may hold what must not be recorded.
pub(super) fn of_request(request: &ServiceRequest, method: &'static str, route: Option<&'static str>) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(MOST_ATTRIBUTES);
    attributes.push(KeyValue::new("http.request.method", method));
    if method != request.method().as_str() {
        attributes.push(KeyValue::new("http.request.method_original", request.method().as_str().to_owned()));
    }
    if let Some(route) = route {
        attributes.push(KeyValue::new("http.route", route));
    }
    attributes.push(KeyValue::new("url.path", request.path().to_owned()));
    attributes.push(KeyValue::new("url.scheme", scheme(request)));
    let connection = request.app_config();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let (address, port) = peer::host_and_port(host.unwrap_or_else(|| connection.host()));
    attributes.push(KeyValue::new("server.address", address.to_owned()));
    attributes.push(KeyValue::new("server.port", i64::from(port.unwrap_or_else(|| connection.local_addr().port()))));
    if let Some(client) = request.peer_addr() {
        attributes.push(KeyValue::new("client.address", client.ip().to_string()));
    }
    if let Some(version) = protocol_version(request.version()) {
        attributes.push(KeyValue::new("network.protocol.version", version));
    }
    if let Some(agent) = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        attributes.push(KeyValue::new("user_agent.original", agent.to_owned()));
    }
    attributes
}

/// The scheme of the request as it came here.
pub(super) fn scheme(request: &ServiceRequest) -> &'static str {
    if request.app_config().secure() { "https" } else { "http" }
}

/// What was put into the extensions as the reason of a failure.
pub(super) fn error_type(request: &actix_web::HttpRequest) -> Option<&'static str> {
    request.extensions().get::<super::ErrorType>().map(|error| error.0)
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
