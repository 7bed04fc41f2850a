//! SERVER spans and request metrics of actix-web.
//!
//! [`Traced`] wraps one resource and knows its route from the start, so that no request is routed a second time to learn
//! it. Wrap the default service with [`Traced::unmatched`]. It has to be the outermost middleware of what it wraps.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "HTTP server" spans and `http.server.request.duration`.

mod attributes;
mod middleware;

pub use middleware::{Traced, TracedMiddleware};

/// Put into a request's or a response's extensions, this becomes the span's `error.type` in place of the status code.
/// One of a small set of names: it is a metric's label.
#[derive(Clone, Copy, Debug)]
pub struct ErrorType(pub &'static str);
