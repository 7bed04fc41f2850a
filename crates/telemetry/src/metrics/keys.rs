//! What tells one series of a metric from another.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::attributes::Attributes;
use super::series::Key;
use crate::database::Statement;

/// A request that this service answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) struct ServerRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl Key for ServerRequest {
    fn attributes(&self) -> Attributes {
        let mut attributes =
            Attributes::from([("http.request.method", self.method.into()), ("url.scheme", self.scheme.into())]);
        attributes.add_if("http.route", self.route);
        attributes.add_if("http.response.status_code", self.status);
        attributes.add_if("error.type", self.error);
        attributes.add_if("network.protocol.version", self.protocol_version);
        attributes
    }
}

/// A request that this service is answering.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct ActiveRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
}

impl Key for ActiveRequest {
    fn attributes(&self) -> Attributes {
        Attributes::from([("http.request.method", self.method.into()), ("url.scheme", self.scheme.into())])
    }
}

/// A request that this service sent.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) struct ClientRequest {
    pub(crate) method: &'static str,
    pub(crate) server_address: Arc<str>,
    pub(crate) server_port: u16,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl Key for ClientRequest {
    fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::from([
            ("http.request.method", self.method.into()),
            ("server.address", (&self.server_address).into()),
            ("server.port", self.server_port.into()),
        ]);
        attributes.add_if("http.response.status_code", self.status);
        attributes.add_if("error.type", self.error);
        attributes.add_if("network.protocol.version", self.protocol_version);
        attributes
    }
}

/// A statement that this service sent, within those of one pool.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseOperation {
    pub(crate) statement: &'static Statement,
    pub(crate) error: Option<Cow<'static, str>>,
    /// The error is the SQLSTATE that the server answered with.
    pub(crate) refused: bool,
}

impl Key for DatabaseOperation {
    fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::default();
        let collection = Some(self.statement.collection).filter(|name| !name.is_empty());
        attributes.add_if("db.collection.name", collection);
        attributes.add("db.operation.name", self.statement.operation);
        attributes.add("db.query.summary", self.statement.summary);
        attributes.add_if("db.response.status_code", self.error.clone().filter(|_| self.refused));
        attributes.add_if("error.type", self.error.clone());
        attributes
    }
}

// Two statements are one series when they have one summary: it is what a reader can tell them apart by.
impl PartialEq for DatabaseOperation {
    fn eq(&self, other: &Self) -> bool {
        let same = std::ptr::eq(self.statement, other.statement) || self.statement.summary == other.statement.summary;
        same && self.error == other.error
    }
}

impl Eq for DatabaseOperation {}

impl Hash for DatabaseOperation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.statement.summary.hash(state);
        if let Some(error) = &self.error {
            error.hash(state);
        }
    }
}
