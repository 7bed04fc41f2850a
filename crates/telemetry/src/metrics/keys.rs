//! What tells one series of a metric from another.
//!
//! Texts that are `'static` are told apart by where they are: that takes a comparison of two numbers, and no look at the
//! texts. Two places may hold one text; what was counted under both is added up when it is written.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::attributes::Attributes;
use super::series::Key;
use crate::database::Statement;

/// Where a text is: its address, and its length in the bits that no address has.
#[inline]
fn place(text: Option<&'static str>) -> u64 {
    text.map_or(0, |text| text.as_ptr().addr() as u64 ^ (text.len() as u64) << 48)
}

/// A status code, or that there is none.
#[inline]
fn number(status: Option<u16>) -> u64 {
    status.map_or(0, |status| u64::from(status) | 1 << 16)
}

macro_rules! told_apart_by_identity {
    ($($key:ty),*) => {$(
        impl PartialEq for $key {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.identity() == other.identity()
            }
        }

        impl Eq for $key {}

        impl Hash for $key {
            #[inline]
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.identity().into_iter().for_each(|word| state.write_u64(word));
            }
        }
    )*};
}

told_apart_by_identity!(ServerRequest, ActiveRequest);

/// A request that this service answered.
#[derive(Clone, Debug)]
pub(crate) struct ServerRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl ServerRequest {
    #[inline]
    fn identity(&self) -> [u64; 6] {
        [
            place(Some(self.method)),
            place(Some(self.scheme)),
            place(self.route),
            number(self.status),
            place(self.error),
            place(self.protocol_version),
        ]
    }
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActiveRequest {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
}

impl ActiveRequest {
    #[inline]
    fn identity(&self) -> [u64; 2] {
        [place(Some(self.method)), place(Some(self.scheme))]
    }
}

impl Key for ActiveRequest {
    fn attributes(&self) -> Attributes {
        Attributes::from([("http.request.method", self.method.into()), ("url.scheme", self.scheme.into())])
    }
}

/// A request that this service sent.
#[derive(Clone, Debug)]
pub(crate) struct ClientRequest {
    pub(crate) method: &'static str,
    pub(crate) server_address: Arc<str>,
    pub(crate) server_port: u16,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) protocol_version: Option<&'static str>,
}

impl ClientRequest {
    /// But for the address.
    #[inline]
    fn identity(&self) -> [u64; 5] {
        [
            place(Some(self.method)),
            self.server_port.into(),
            number(self.status),
            place(self.error),
            place(self.protocol_version),
        ]
    }
}

impl PartialEq for ClientRequest {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let here = || Arc::ptr_eq(&self.server_address, &other.server_address);
        self.identity() == other.identity() && (here() || self.server_address == other.server_address)
    }
}

impl Eq for ClientRequest {}

impl Hash for ClientRequest {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().into_iter().for_each(|word| state.write_u64(word));
        self.server_address.hash(state);
    }
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

// Two statements with one summary are one series when they are written: the summary is what a reader can tell them apart by.
impl PartialEq for DatabaseOperation {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.statement, other.statement) && self.error == other.error
    }
}

impl Eq for DatabaseOperation {}

impl Hash for DatabaseOperation {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(std::ptr::from_ref(self.statement).addr() as u64);
        if let Some(error) = &self.error {
            error.hash(state);
        }
    }
}
