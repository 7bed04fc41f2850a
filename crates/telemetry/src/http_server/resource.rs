//! What all requests to one resource have in common: made at the first of them, once a worker.

use std::cell::OnceCell;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use opentelemetry::Context;

use super::caller::Callers;
use crate::lasting;
use crate::methods::Method;
use crate::pipeline::Telemetry;
use crate::propagation::Prepared;
use crate::recording::Recorder;

/// A resource whose requests are traced.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) telemetry: Telemetry,
    pub(super) recorder: Arc<Recorder>,
    /// What the context of each request begins as: it has the telemetry, and no span.
    pub(super) context: Prepared,
    pub(super) route: Option<&'static str>,
    /// Whether the route is asked for after the request was routed.
    pub(super) asks_for_route: bool,
    /// The service's name; `None` where it cannot be a header's value.
    pub(super) server_name: Option<Box<str>>,
    pub(super) callers: Callers,
    /// By [`Method::place`].
    span_names: Vec<OnceCell<&'static str>>,
}

impl Resource {
    /// `None` with telemetry disabled.
    pub(super) fn new(telemetry: &Telemetry, route: Option<&'static str>, asks_for_route: bool) -> Option<Self> {
        let (places, name) = (telemetry.http_rules().methods.places(), telemetry.service_name());
        Some(Self {
            recorder: Arc::clone(telemetry.recorder()?),
            context: Prepared::new(Context::new().with_value(telemetry.clone())),
            server_name: HeaderValue::from_str(name).is_ok().then(|| name.into()),
            telemetry: telemetry.clone(),
            route,
            asks_for_route,
            callers: Callers::default(),
            span_names: vec![OnceCell::new(); places],
        })
    }

    /// `GET /users/{id}`, or `GET` by itself where there is no route. Written when a method is first seen.
    pub(super) fn span_name(&self, method: Method) -> &'static str {
        let Some(route) = self.route else { return method.in_name() };
        let name = || lasting::name(&[method.in_name(), route].join(" "));
        self.span_names.get(method.place as usize).map_or_else(|| method.in_name(), |kept| kept.get_or_init(name))
    }
}
