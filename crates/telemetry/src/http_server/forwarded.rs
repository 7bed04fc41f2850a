//! Whom a request comes from, where proxies stand in between: their word counts when the settings trust them.
//!
//! Each proxy adds the peer that it sees on the right. From there the first address that is not itself trusted is the
//! client: what stands further left is that client's own claim.
//!
//! Source: RFC 7239 (`Forwarded`); `X-Forwarded-For`, `-Proto` and `-Host` as nginx and others write them; semantic
//! conventions 1.42, `client.address`, `url.scheme` and `server.address`.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};

use crate::http_rules::HttpRules;
use crate::peer;

/// `url.scheme` of a plain connection, and of one with TLS.
pub(super) const HTTP: &str = "http";
pub(super) const HTTPS: &str = "https";

/// Where a request comes from, as far as it is known for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin<'a> {
    /// The client; `None` on a connection without addresses.
    pub(super) client: Option<IpAddr>,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    /// `host[:port]` that the client asked for, where a proxy says so.
    pub(super) host: Option<&'a str>,
}

/// What the proxies say together.
#[derive(Debug, Default)]
struct Word<'a> {
    client: Option<IpAddr>,
    scheme: Option<&'static str>,
    host: Option<&'a str>,
}

impl<'a> Origin<'a> {
    /// Of a request: what its own connection shows, unless a trusted peer says more.
    pub(super) fn of(request: &'a ServiceRequest, rules: &HttpRules) -> Self {
        let scheme = if request.app_config().secure() { HTTPS } else { HTTP };
        let peer = request.peer_addr().map(|peer| peer.ip());
        let own = Self { client: peer, scheme, host: None };
        match peer {
            Some(peer) if rules.trusts(peer) => own.completed(request.headers(), &|address| rules.trusts(address)),
            _ => own,
        }
    }

    fn completed(self, headers: &'a HeaderMap, trusts: &dyn Fn(IpAddr) -> bool) -> Self {
        let (standard, usual) = (forwarded(headers, trusts), x_forwarded(headers, trusts));
        // A proxy writes one of them and passes on the other as it came. Where they disagree, one is the client's invention.
        if standard.client.is_some() && usual.client.is_some() && standard.client != usual.client {
            return self;
        }
        Self {
            client: standard.client.or(usual.client).or(self.client),
            scheme: standard.scheme.or(usual.scheme).unwrap_or(self.scheme),
            host: standard.host.or(usual.host),
        }
    }
}

fn forwarded<'a>(headers: &'a HeaderMap, trusts: &dyn Fn(IpAddr) -> bool) -> Word<'a> {
    let mut word = Word::default();
    for element in members(headers, header::FORWARDED) {
        let Some(element) = element else { break };
        let Some(client) = parameter(element, "for").and_then(address) else { break };
        let scheme = parameter(element, "proto").and_then(scheme);
        word = Word { client: Some(client), scheme, host: parameter(element, "host") };
        if !trusts(client) {
            break;
        }
    }
    word
}

fn x_forwarded<'a>(headers: &'a HeaderMap, trusts: &dyn Fn(IpAddr) -> bool) -> Word<'a> {
    let last = |name| members(headers, name).next().flatten().filter(|value| !value.is_empty());
    let mut client = None;
    for member in members(headers, header::X_FORWARDED_FOR) {
        let Some(address) = member.and_then(address) else { break };
        client = Some(address);
        if !trusts(address) {
            break;
        }
    }
    Word { client, scheme: last(header::X_FORWARDED_PROTO).and_then(scheme), host: last(header::X_FORWARDED_HOST) }
}

/// The members of a list that may stand in several lines, from the right; `None` for one that is no text. It counts as well:
/// what stands left of it is not what the nearest proxy has said.
fn members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Option<&str>> {
    let lines = headers.get_all(name).map(|line| line.as_bytes());
    let members: Vec<_> = lines.flat_map(|line| outside_quotes(line, b',')).collect();
    members.into_iter().rev().map(text)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(str::trim)
}

/// A parameter of an element, its name in any case and its value without quotes. Host, address and scheme need no escapes.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    outside_quotes(element.as_bytes(), b';').find_map(|pair| {
        let (key, value) = text(pair)?.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then_some(value)
    })
}

fn outside_quotes(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    text.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == separator && !quoted
    })
}

/// `address[:port]`; `None` for what hides who it is (`unknown`, `_hidden`).
fn address(node: &str) -> Option<IpAddr> {
    peer::host_and_port(node).0.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    /// What comes out for these headers, when 10.0.0.0/8 is trusted and the peer is 10.0.0.1.
    fn origin(headers: &[(&'static str, &'static str)]) -> (String, &'static str, Option<String>) {
        let bytes: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        origin_of_bytes(&bytes)
    }

    fn origin_of_bytes(headers: &[(&'static str, &[u8])]) -> (String, &'static str, Option<String>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).expect("a value"));
        }
        let own = Origin { client: Some([10, 0, 0, 1].into()), scheme: "http", host: None };
        let trusted: crate::config::Network = "10.0.0.0/8".parse().expect("a network");
        let origin = own.completed(&map, &|address| trusted.contains(address));
        (origin.client.expect("a client").to_string(), origin.scheme, origin.host.map(str::to_owned))
    }

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_not_trusted() {
        let client = |headers: &[_]| origin(headers).0;
        assert_eq!(client(&[]), "10.0.0.1");
        assert_eq!(client(&[("x-forwarded-for", "192.0.2.1")]), "192.0.2.1");
        assert_eq!(client(&[("x-forwarded-for", "203.0.113.9, 192.0.2.1, 10.0.0.2")]), "192.0.2.1");
        assert_eq!(client(&[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")]), "192.0.2.1");
        assert_eq!(client(&[("x-forwarded-for", "10.0.0.3, 10.0.0.2")]), "10.0.0.3");
        assert_eq!(client(&[("x-forwarded-for", "[2001:db8::1]:4711")]), "2001:db8::1");
        assert_eq!(client(&[("forwarded", "for=203.0.113.9, for=\"[2001:db8::1]:80\";proto=https")]), "2001:db8::1");
        assert_eq!(client(&[("forwarded", "For=192.0.2.1;by=\"a,b\", for=10.0.0.2")]), "192.0.2.1");
    }

    #[test]
    fn what_is_no_address_ends_the_search() {
        let client = |headers: &[_]| origin(headers).0;
        assert_eq!(client(&[("forwarded", "for=192.0.2.1, for=unknown")]), "10.0.0.1");
        assert_eq!(client(&[("forwarded", "for=192.0.2.1, for=_hidden, for=10.0.0.2")]), "10.0.0.2");
        assert_eq!(client(&[("x-forwarded-for", "192.0.2.1, ")]), "10.0.0.1");
        assert_eq!(client(&[("x-forwarded-for", "canary")]), "10.0.0.1");
    }

    #[test]
    fn what_is_no_text_ends_the_search_and_does_not_hide_what_stands_right_of_it() {
        let claim: (_, &[u8]) = ("x-forwarded-for", b"203.0.113.9");
        let client = |value: &[u8]| origin_of_bytes(&[claim, ("x-forwarded-for", value)]).0;
        assert_eq!(client(b"\xff, 192.0.2.1"), "192.0.2.1");
        assert_eq!(client(b"\xff, 10.0.0.2"), "10.0.0.2");
        assert_eq!(client(b"192.0.2.1, \xff"), "10.0.0.1");
        assert_eq!(client(b"\xff"), "10.0.0.1");
        let claim: (_, &[u8]) = ("forwarded", b"for=203.0.113.9;host=evil;proto=https");
        let origin = |value: &[u8]| origin_of_bytes(&[claim, ("forwarded", value)]);
        let sure = ("192.0.2.1".to_owned(), "http", Some("a.example".to_owned()));
        assert_eq!(origin(b"for=\xff, for=192.0.2.1;host=a.example"), sure);
        assert_eq!(origin(b"for=192.0.2.1;host=\xff;proto=https"), ("10.0.0.1".to_owned(), "http", None));
        let claims: [(_, &[u8]); 4] = [
            ("x-forwarded-proto", b"https"),
            ("x-forwarded-proto", b"\xff"),
            ("x-forwarded-host", b"evil"),
            ("x-forwarded-host", b"\xff"),
        ];
        assert_eq!(origin_of_bytes(&claims), ("10.0.0.1".to_owned(), "http", None));
    }

    #[test]
    fn of_two_headers_that_disagree_neither_counts() {
        let headers = [("forwarded", "for=203.0.113.9;proto=https;host=evil"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(origin(&headers), ("10.0.0.1".to_owned(), "http", None));
        let headers = [("forwarded", "for=192.0.2.1;proto=https"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(origin(&headers), ("192.0.2.1".to_owned(), "https", None));
    }

    #[test]
    fn scheme_and_host_are_what_the_client_asked_for() {
        let headers = [("x-forwarded-proto", "HTTPS"), ("x-forwarded-host", "shop.example:8443")];
        assert_eq!(origin(&headers), ("10.0.0.1".to_owned(), "https", Some("shop.example:8443".to_owned())));
        let headers = [("forwarded", "for=192.0.2.1;host=\"a.example:1\";proto=https, for=10.0.0.2;host=b;proto=http")];
        assert_eq!(origin(&headers), ("192.0.2.1".to_owned(), "https", Some("a.example:1".to_owned())));
        assert_eq!(origin(&[("x-forwarded-proto", "gopher")]).1, "http");
    }
}
