//! What a CLIENT span says of its request.

use std::borrow::Cow;
use std::sync::Arc;

use reqwest::{Request, Url, Version};

use crate::methods::Method;
use crate::query::{self, REDACTED};
use crate::recording::Recording;
use crate::shared_text;

/// Whom a request is for.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) address: Arc<str>,
    pub(super) port: u16,
}

/// A request that is about to be sent.
pub(super) struct Departure<'a> {
    pub(super) request: &'a Request,
    pub(super) method: Method,
    pub(super) server: &'a Server,
    /// How often it was sent before.
    pub(super) resend_count: u32,
    pub(super) queries: bool,
}

impl Server {
    /// The URL's host, an IPv6 address without its brackets, and its port or that of its scheme.
    pub(super) fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Self { address: shared_text::text(address), port: url.port_or_known_default().unwrap_or_default() }
    }
}

impl Departure<'_> {
    /// Adds all attributes; called for spans that record, and for no others.
    pub(super) fn describe(&self, span: &mut Recording) {
        span.text("http.request.method", self.method.name);
        if self.method.is_other() {
            span.text("http.request.method_original", self.request.method().as_str());
        }
        span.text("url.full", &full(self.request.url(), self.queries));
        span.text("server.address", &self.server.address);
        span.number("server.port", self.server.port);
        if self.resend_count > 0 {
            span.number("http.request.resend_count", u16::try_from(self.resend_count).unwrap_or(u16::MAX));
        }
    }
}

/// The URL without what it may give away: credentials become `REDACTED`, the fragment is left out, and so is the query
/// unless the settings want it.
fn full(url: &Url, queries: bool) -> Cow<'_, str> {
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if !has_credentials && url.query().is_none() && url.fragment().is_none() {
        return Cow::Borrowed(url.as_str());
    }
    let mut clean = url.clone();
    let query = url.query().filter(|_| queries).map(query::redacted);
    clean.set_query(query.as_deref());
    clean.set_fragment(None);
    if has_credentials {
        // Both fail only for URLs without a host, which have no credentials.
        let _ = clean.set_username(REDACTED);
        let _ = clean.set_password(Some(REDACTED));
    }
    Cow::Owned(clean.into())
}

/// `network.protocol.version`.
pub(super) fn protocol_version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn a_url_gives_nothing_away() {
        let table = [
            ("http://host:81/path", "http://host:81/path"),
            ("http://canary@host/", "http://REDACTED:REDACTED@host/"),
            ("http://:canary@host/", "http://REDACTED:REDACTED@host/"),
            ("http://host/?canary#canary", "http://host/"),
        ];
        for (given, recorded) in table {
            assert_eq!(*full(&url(given), false), *recorded);
        }
        assert_eq!(*full(&url("http://host/?a=1&sig=canary"), true), *"http://host/?a=1&sig=REDACTED");
    }

    #[test]
    fn a_server_has_a_port_and_no_brackets() {
        let of = |text| (Server::of(&url(text)).address.to_string(), Server::of(&url(text)).port);
        assert_eq!(of("http://[2001:db8::1]/"), ("2001:db8::1".to_owned(), 80));
        assert_eq!(of("https://example.com/"), ("example.com".to_owned(), 443));
        assert_eq!(of("http://127.0.0.1:5001/"), ("127.0.0.1".to_owned(), 5001));
    }
}
