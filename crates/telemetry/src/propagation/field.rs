//! The header fields that carry a context, and how they are looked up in a request.

use actix_web::http::header as server;
use http::header as client;

/// A header field that carries a part of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `traceparent`: trace id, parent id and flags (W3C Trace Context).
    Traceparent,
    /// `tracestate`: what tracing systems add of their own (W3C Trace Context).
    Tracestate,
    /// `baggage` (W3C Baggage).
    Baggage,
    /// `b3`, all in one.
    B3,
    /// `x-b3-traceid`.
    B3TraceId,
    /// `x-b3-spanid`.
    B3SpanId,
    /// `x-b3-sampled`.
    B3Sampled,
    /// `x-b3-flags`.
    B3Flags,
    /// `uber-trace-id` (Jaeger).
    UberTraceId,
}

/// Names are values of a type of each HTTP library, made once: a look-up by text would allocate such a value each time.
macro_rules! names {
    ($($field:ident $constant:ident $name:literal)*) => {
        impl Field {
            /// The field's name, in lower case as the specifications advise.
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)* }
            }

            /// The field's name for clients, servers and gRPC on the `http` crate.
            pub fn header_name(self) -> client::HeaderName {
                $(static $constant: client::HeaderName = client::HeaderName::from_static($name);)*
                match self { $(Self::$field => $constant.clone(),)* }
            }

            fn in_server(self) -> &'static server::HeaderName {
                $(static $constant: server::HeaderName = server::HeaderName::from_static($name);)*
                match self { $(Self::$field => &$constant,)* }
            }
        }
    };
}

names! {
    Traceparent TRACEPARENT "traceparent"
    Tracestate TRACESTATE "tracestate"
    Baggage BAGGAGE "baggage"
    B3 B3 "b3"
    B3TraceId B3_TRACE_ID "x-b3-traceid"
    B3SpanId B3_SPAN_ID "x-b3-spanid"
    B3Sampled B3_SAMPLED "x-b3-sampled"
    B3Flags B3_FLAGS "x-b3-flags"
    UberTraceId UBER_TRACE_ID "uber-trace-id"
}

/// What a context is read from: the headers of a request, or of a message.
pub trait Carrier {
    /// All values of a field, in the order in which they came. Names are compared without regard to case.
    fn values(&self, field: Field) -> impl Iterator<Item = &[u8]>;

    /// The value of a field that must not be repeated: `None` where it is missing, or there more than once, because then
    /// nobody knows which one the sender meant. White space around it is no part of it (RFC 9110 section 5.5).
    fn value(&self, field: Field) -> Option<&[u8]> {
        let mut values = self.values(field);
        let value = values.next()?;
        values.next().is_none().then(|| trimmed(value))
    }
}

impl Carrier for server::HeaderMap {
    fn values(&self, field: Field) -> impl Iterator<Item = &[u8]> {
        self.get_all(field.in_server()).map(server::HeaderValue::as_bytes)
    }
}

impl Carrier for client::HeaderMap {
    fn values(&self, field: Field) -> impl Iterator<Item = &[u8]> {
        self.get_all(field.name()).into_iter().map(client::HeaderValue::as_bytes)
    }
}

/// Names and values of any kind.
impl<N: AsRef<str>, V: AsRef<[u8]>> Carrier for [(N, V)] {
    fn values(&self, field: Field) -> impl Iterator<Item = &[u8]> {
        let named = move |(name, _): &&(N, V)| name.as_ref().eq_ignore_ascii_case(field.name());
        self.iter().filter(named).map(|(_, value)| value.as_ref())
    }
}

/// Without optional white space (`OWS`, RFC 9110 section 5.6.3): blanks and tabs, nothing else.
pub(super) fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    trimmed_end(text)
}

pub(super) fn trimmed_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
