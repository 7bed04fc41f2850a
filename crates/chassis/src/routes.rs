//! The table of routes. A service lists its own; what every service has is added here.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::ServiceConfig;
use actix_web::{Handler, HttpResponse, Responder, Route, web};
use telemetry::http_server::Traced;

use crate::faults::inject;
use crate::{answers, health, openapi};

/// A table of routes: resources with their methods. Any other method of a resource answers 405 with `Allow`, any other path
/// 404.
#[derive(Default)]
pub struct Routes(Vec<Resource>);

/// One path, with its methods.
pub struct Resource {
    path: &'static str,
    traced: bool,
    routes: Vec<(Method, Route)>,
}

impl Routes {
    /// Adds a resource, such as `/users/{id}`.
    pub fn resource(&mut self, path: &'static str) -> &mut Resource {
        self.add(path, true)
    }

    /// Every path with each of its methods, as the OpenAPI document has to show them.
    pub fn list(&self) -> Vec<(&'static str, Method)> {
        let methods =
            |resource: &Resource| resource.routes.iter().map(|(method, _)| method.clone()).collect::<Vec<_>>();
        self.0.iter().flat_map(|resource| methods(resource).into_iter().map(|method| (resource.path, method))).collect()
    }

    /// What every service has. None of these is traced: they are asked for all the time, and nobody asks about them.
    pub(crate) fn standard(&mut self) {
        self.add("/health", false).get(health::health);
        self.add("/livez", false).get(health::live);
        self.add("/readyz", false).get(health::ready);
        self.add("/metrics", false).get(openapi::metrics);
        self.add("/openapi.json", false).get(openapi::document);
    }

    pub(crate) fn register(self, app: &mut ServiceConfig) {
        for mut resource in self.0 {
            let service = resource.service().wrap(from_fn(answers::as_problems));
            if resource.traced && !cfg!(feature = "passthrough") {
                app.service(service.wrap(Traced::route(resource.path)));
            } else {
                app.service(service);
            }
        }
        Self::register_rest(app);
    }

    /// The same where faults can be asked for: they meet what is traced, for health and metrics have to go on telling the
    /// truth.
    pub(crate) fn register_with_faults(self, app: &mut ServiceConfig) {
        let (traced, others): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|resource| resource.traced);
        for mut resource in traced {
            let service = resource.service().wrap(from_fn(inject)).wrap(from_fn(answers::as_problems));
            app.service(service.wrap(Traced::route(resource.path)));
        }
        Self(others).register(app);
    }

    fn register_rest(app: &mut ServiceConfig) {
        app.service(openapi::page()).service(openapi::shortcut());
        app.default_service(
            web::to(|| async { HttpResponse::NotFound().finish() })
                .wrap(from_fn(answers::as_problems))
                .wrap(Traced::unmatched()),
        );
    }

    fn add(&mut self, path: &'static str, traced: bool) -> &mut Resource {
        self.0.push(Resource { path, traced, routes: Vec::new() });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

impl Resource {
    fn service(&mut self) -> actix_web::Resource {
        let routes = std::mem::take(&mut self.routes).into_iter().map(|(_, route)| route);
        routes.fold(web::resource(self.path), actix_web::Resource::route)
    }

    /// Answers GET with `handler`.
    pub fn get<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, web::get().to(handler))
    }

    /// Answers POST with `handler`.
    pub fn post<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, web::post().to(handler))
    }

    fn on(&mut self, method: Method, route: Route) -> &mut Self {
        self.routes.push((method, route));
        self
    }
}
