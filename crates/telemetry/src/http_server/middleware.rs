//! The middleware itself: one pass for span and metrics.

use std::borrow::Cow;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, SERVER};
use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use super::attributes;
use crate::metrics::{ActiveRequest, ServerRequest, Took};
use crate::pipeline::Telemetry;
use crate::{propagation, semconv};

/// Makes a SERVER span of each request to the resource that it wraps. The [`Telemetry`] is found in the app's data; without
/// one, or with it disabled, requests pass through.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    route: Option<&'static str>,
}

impl Traced {
    /// For the resource with this path template, which becomes `http.route`.
    pub fn route(template: &'static str) -> Self {
        Self { route: Some(template) }
    }

    /// For the default service: no `http.route`, the span is named by its method alone.
    pub fn unmatched() -> Self {
        Self { route: None }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Traced
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = TracedMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(TracedMiddleware { service, route: self.route }))
    }
}

/// What [`Traced`] makes of a service.
#[derive(Debug)]
pub struct TracedMiddleware<S> {
    service: S,
    route: Option<&'static str>,
}

impl<S, B> Service<ServiceRequest> for TracedMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let telemetry = request.app_data::<Telemetry>().filter(|telemetry| telemetry.tracer().is_some()).cloned();
        let Some(telemetry) = telemetry else { return Box::pin(self.service.call(request)) };
        let exchange = Exchange::begin(telemetry, &request, self.route);
        let context = exchange.context.clone();
        // Attached here as well: what inner middlewares do before their first await belongs to the span, too.
        let guard = context.clone().attach();
        let answer = self.service.call(request);
        drop(guard);
        Box::pin(async move {
            let mut result = answer.with_context(context).await;
            if let Ok(response) = &mut result {
                exchange.sign(response.headers_mut());
            }
            exchange.end(&result);
            result
        })
    }
}

/// One request, from its arrival to the head of its response.
struct Exchange {
    telemetry: Telemetry,
    context: Context,
    method: &'static str,
    scheme: &'static str,
    route: Option<&'static str>,
    protocol_version: Option<&'static str>,
    begun: Instant,
    ended: bool,
}

impl Exchange {
    fn begin(telemetry: Telemetry, request: &ServiceRequest, route: Option<&'static str>) -> Self {
        let method = semconv::known_method(request.method().as_str());
        let parent = telemetry.propagators().extract(request.headers());
        let mut context = parent.clone();
        if let Some(tracer) = telemetry.tracer() {
            let builder = tracer.span_builder(name(method, route)).with_kind(SpanKind::Server);
            context = parent.with_span(tracer.build_with_context(builder, &parent));
            // Attributes are built for spans that will be kept, and for no others.
            if context.span().is_recording() {
                context.span().set_attributes(attributes::of_request(request, method, route));
            }
        }
        let (scheme, protocol_version) = (attributes::scheme(request), attributes::protocol_version(request.version()));
        telemetry.metrics().server_request_begins(ActiveRequest { method, scheme });
        let context = context.with_value(telemetry.clone());
        Self { telemetry, context, method, scheme, route, protocol_version, begun: Instant::now(), ended: false }
    }

    /// Says in the answer which service has made a span of the request, and of which trace. The caller's CLIENT span is
    /// named after its peer by these two; whoever asks by hand finds the trace by them.
    fn sign(&self, headers: &mut HeaderMap) {
        let trace_id = self.context.span().span_context().trace_id().to_string();
        for (name, value) in [
            (SERVER, self.telemetry.service_name()),
            (HeaderName::from_static(propagation::TRACE_ID), trace_id.as_str()),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
    }

    fn end<B>(mut self, result: &Result<ServiceResponse<B>, Error>) {
        let (status, named) = match result {
            Ok(response) => (response.status().as_u16(), attributes::error_type(response.request())),
            Err(error) => (error.as_response_error().status_code().as_u16(), None),
        };
        // Only 5xx is an error of the server; the description is left out where the code says it all.
        let error = (status >= 500).then(|| named.unwrap_or_else(|| semconv::status_text(status)));
        self.finish(Some(status), error);
    }

    fn finish(&mut self, status: Option<u16>, error: Option<&'static str>) {
        self.ended = true;
        let span = self.context.span();
        if let Some(status) = status {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        }
        if let Some(error) = error {
            span.set_attribute(KeyValue::new("error.type", error));
            span.set_status(Status::error(""));
        }
        span.end();
        let request = ServerRequest {
            method: self.method,
            scheme: self.scheme,
            route: self.route,
            status,
            error,
            protocol_version: self.protocol_version,
        };
        self.telemetry.metrics().server_request_ends(&request, Took::since(self.begun, span.span_context()));
    }
}

impl Drop for Exchange {
    /// Reached with the request unanswered: the handler panicked, or the connection's task was dropped.
    fn drop(&mut self) {
        if !self.ended {
            let reason = if std::thread::panicking() { "panic" } else { "cancelled" };
            self.finish(None, Some(reason));
        }
    }
}

fn name(method: &'static str, route: Option<&'static str>) -> Cow<'static, str> {
    let method = semconv::method_in_name(method);
    match route {
        Some(route) => Cow::Owned(format!("{method} {route}")),
        None => Cow::Borrowed(method),
    }
}
