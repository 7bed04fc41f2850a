//! SERVER spans and request metrics of actix-web.
//!
//! [`Traced`] wraps one resource and knows its route from the start, so that no request is routed a second time to learn
//! it. Wrap the default service with [`Traced::unmatched`]. It has to be the outermost middleware of what it wraps: errors
//! of those outside of it belong to no span.
//!
//! ```
//! use actix_web::{App, HttpResponse, web};
//! use telemetry::http_server::Traced;
//!
//! # fn app(telemetry: telemetry::Telemetry) {
//! App::new()
//!     .app_data(telemetry)
//!     .service(web::resource("/users/{id}").wrap(Traced::route("/users/{id}")).route(web::get().to(HttpResponse::Ok)))
//!     .default_service(web::to(HttpResponse::NotFound).wrap(Traced::unmatched()));
//! # }
//! ```
//!
//! A span begins when the request's head has arrived and been routed, and ends at the head of its response: the body may
//! still be on its way. A client that goes away does not end the handler, nor its span (actix-web works on). A handler that
//! panics ends its span as an error, and counts, whether or not something turns the panic into an answer.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "HTTP server" spans and `http.server.request.duration`.

mod attributes;
mod caller;
mod exchange;
mod forwarded;
mod middleware;
mod resource;

pub use middleware::{Traced, TracedFuture, TracedMiddleware};

/// Put into a request's or a response's extensions, this becomes the span's `error.type` in place of the status code.
/// One of a small set of names: it is a metric's label.
#[derive(Clone, Copy, Debug)]
pub struct ErrorType(pub &'static str);
