//! One request, from its arrival to the head of its response: a span and its metrics.

use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Version;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, SERVER};
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, SpanId};

use super::attributes::{self, Arrival};
use super::forwarded::{HTTP, HTTPS, Origin};
use super::resource::Resource;
use crate::clock::Moment;
use crate::metrics::{ActiveRequest, ServerRequest, Took};
use crate::propagation::Base;
use crate::recording::{Begun, Handle};
use crate::{lasting, propagation, semconv, signature};

static TRACE_ID: HeaderName = HeaderName::from_static(propagation::TRACE_ID);

/// A request that is being answered.
pub(super) struct Exchange {
    resource: Rc<Resource>,
    /// With the request's span and its telemetry.
    pub(super) context: Context,
    /// `None` where it is not recorded.
    span: Option<Handle>,
    /// `None` where it is neither recorded nor measured.
    seen: Option<Seen>,
}

/// What its end needs of its beginning, in few bytes: an exchange is moved from future to future until it is polled.
struct Seen {
    started: Moment,
    /// The method's place among the known ones.
    method: u32,
    version: Version,
    is_secure: bool,
    /// The caller's span, where it has one.
    caller: Option<SpanId>,
}

impl Exchange {
    pub(super) fn begin(resource: &Rc<Resource>, request: &ServiceRequest) -> Self {
        let (telemetry, metrics) = (&resource.telemetry, resource.telemetry.metrics());
        let (context, parent) =
            telemetry.propagators().extract_parts(Base::Prepared(&resource.context), request.headers());
        // A caller that has left its trace out mostly decides for this process, too.
        let nothing_is_made =
            |parent: &&SpanContext| !parent.is_sampled() && !metrics.recorded() && resource.recorder.follows_callers();
        if let Some(parent) = parent.as_ref().filter(nothing_is_made) {
            let context = context.with_remote_span_context(resource.recorder.leave_out_below(parent));
            return Self { resource: Rc::clone(resource), context, span: None, seen: None };
        }
        let (rules, started) = (telemetry.http_rules(), Moment::now());
        let (method, origin) = (rules.methods.find(request.method().as_str()), Origin::of(request, rules));
        let name = (resource.span_name(method).into(), SpanKind::Server);
        let arrival = Arrival { request, method, route: resource.route, origin, queries: rules.queries };
        let start = resource.recorder.begin_below(parent.as_ref(), name, || started.unix_nanos());
        let Begun { context, span } = Begun::inside(&context, start, |span| arrival.describe(&resource.callers, span));
        metrics.server_request_begins(ActiveRequest { method: method.name, scheme: origin.scheme });
        let seen = Seen {
            started,
            method: method.place,
            version: request.version(),
            is_secure: origin.scheme == HTTPS,
            caller: parent.map(|parent| parent.span_id()),
        };
        Self { resource: Rc::clone(resource), context, span, seen: Some(seen) }
    }

    /// Says in the answer which service has made a span of the request. A caller that has a span learns the peer of it by
    /// that; one that has none is told of which trace, and finds it by that. Where no span is made there is nothing to say.
    pub(super) fn sign(&self, headers: &mut HeaderMap) {
        let Some((span, seen)) = self.span.as_ref().zip(self.seen.as_ref()) else { return };
        let name = &self.resource.server_name;
        if let Some(caller) = seen.caller {
            let signature = name.as_ref().map(|name| HeaderValue::from_maybe_shared(signature::of(name, caller)));
            if let Some(Ok(signature)) = signature {
                headers.insert(SERVER, signature);
            }
            return;
        }
        if let Some(Ok(name)) = name.as_ref().map(|name| HeaderValue::from_str(name)) {
            headers.insert(SERVER, name);
        }
        let trace_id = propagation::trace_id_text(span.span_context().trace_id());
        if let Ok(trace_id) = HeaderValue::from_bytes(&trace_id) {
            headers.insert(TRACE_ID.clone(), trace_id);
        }
    }

    pub(super) fn end<B>(mut self, result: &Result<ServiceResponse<B>, Error>) {
        if self.seen.is_none() {
            return;
        }
        let (status, named) = match result {
            Ok(response) => {
                let status = response.status().as_u16();
                let named = (status >= 500).then(|| attributes::error_type(response.request(), response.response()));
                (status, named.flatten())
            }
            Err(error) => (error.as_response_error().status_code().as_u16(), None),
        };
        // Only 5xx is an error of the server; the description is left out where the code says it all.
        let error = (status >= 500).then(|| named.unwrap_or_else(|| semconv::status_text(status)));
        let route = match result {
            Ok(response) if self.resource.asks_for_route => response.request().match_pattern(),
            _ => None,
        };
        self.finish(Some(status), error, route.map(|route| lasting::name(&route)));
    }

    /// `route` is what was only learnt from the response.
    fn finish(&mut self, status: Option<u16>, error: Option<&'static str>, route: Option<&'static str>) {
        let Some(Seen { started, method, version, is_secure, caller: _ }) = self.seen.take() else { return };
        let ended = Moment::now();
        let duration = ended.since(started);
        let method = self.resource.telemetry.http_rules().methods.at(method);
        if let Some(span) = &self.span {
            let mut span = span.lock();
            if let Some(status) = status {
                span.number("http.response.status_code", status);
            }
            if let Some(error) = error {
                span.text("error.type", error);
                span.set_status(Status::error(""));
            }
            if let Some(route) = route {
                span.text("http.route", route);
                span.update_name(lasting::name(&[method.in_name(), route].join(" ")));
            }
            span.end_after(duration);
        }
        let span = self.context.span();
        let route = self.resource.route.or(route);
        let (method, scheme) = (method.name, if is_secure { HTTPS } else { HTTP });
        let protocol_version = attributes::protocol_version(version);
        let request = ServerRequest { method, scheme, route, status, error, protocol_version };
        let took = Took { duration, ended, span: span.span_context() };
        self.resource.telemetry.metrics().server_request_ends(&request, took);
    }
}

impl Drop for Exchange {
    /// Reached with the request unanswered: the handler panicked, or the connection's task was dropped.
    fn drop(&mut self) {
        let reason = if std::thread::panicking() { "panic" } else { "cancelled" };
        self.finish(None, Some(reason), None);
    }
}
