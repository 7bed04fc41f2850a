//! What tells one series of a metric from another.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::series::{Key, Labels};
use crate::database::Statement;
use crate::semconv;

/// A request that this service answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl Key for ServerRequest {
    fn labels(&self, labels: &mut Labels<'_>) {
        labels.add("http_request_method", self.method);
        labels.add("url_scheme", self.scheme);
        labels.add_if("http_route", self.route);
        labels.add_if("http_response_status_code", self.status.map(semconv::status_text));
        labels.add_if("error_type", self.error);
        labels.add_if("network_protocol_version", self.protocol_version);
    }
}

/// A request that this service is answering.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ActiveRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
}

/// A request that this service sent.
#[derive(Clone, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientRequest {
    pub(crate) method: &'static str,
    pub(crate) server_address: Arc<str>,
    pub(crate) server_port: u16,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl Key for ClientRequest {
    fn labels(&self, labels: &mut Labels<'_>) {
        labels.add("http_request_method", self.method);
        labels.add("server_address", &self.server_address);
        labels.add("server_port", &self.server_port.to_string());
        labels.add_if("http_response_status_code", self.status.map(semconv::status_text));
        labels.add_if("error_type", self.error);
        labels.add_if("network_protocol_version", self.protocol_version);
    }
}

/// A statement that this service sent.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseOperation {
    pub(crate) statement: &'static Statement,
    pub(crate) error: Option<Cow<'static, str>>,
}

impl Key for DatabaseOperation {
    fn labels(&self, labels: &mut Labels<'_>) {
        labels.add("db_system_name", "postgresql");
        labels.add("db_operation_name", self.statement.operation);
        labels.add_if("db_collection_name", Some(self.statement.collection).filter(|name| !name.is_empty()));
        labels.add("db_query_summary", self.statement.summary);
        labels.add_if("error_type", self.error.as_deref());
    }
}

// Two statements are one series when they have one summary: it is what a reader can tell them apart by.
impl DatabaseOperation {
    fn identity(&self) -> (&'static str, &Option<Cow<'static, str>>) {
        (self.statement.summary, &self.error)
    }
}

impl PartialEq for DatabaseOperation {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for DatabaseOperation {}

impl Hash for DatabaseOperation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl PartialOrd for DatabaseOperation {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DatabaseOperation {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Key for () {
    fn labels(&self, _: &mut Labels<'_>) {}
}
