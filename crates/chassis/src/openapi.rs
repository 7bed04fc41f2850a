//! The service's own description: the OpenAPI document, the page that shows it, and its metrics.

use actix_web::dev::HttpServiceFactory;
use actix_web::{HttpResponse, web};
use telemetry::Telemetry;
use telemetry::metrics::Metrics;
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use crate::config::Identity;
use crate::health;
use crate::problem::ProblemBody;

/// What every service's document has.
#[derive(OpenApi)]
#[openapi(
    paths(health::live, health::ready, health::health, metrics, document),
    components(schemas(ProblemBody, crate::problem::FieldError))
)]
struct Standard;

/// A service's document with what every service has.
pub(crate) fn complete(mut service: utoipa::openapi::OpenApi, identity: &Identity) -> utoipa::openapi::OpenApi {
    service.merge(Standard::openapi());
    service.info.title.clone_from(&identity.name);
    service.info.version.clone_from(&identity.version);
    service
}

/// The page under `/docs/`; its files are in the binary.
pub(crate) fn page() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json"))
}

/// `/docs` as people type it.
pub(crate) fn shortcut() -> impl HttpServiceFactory {
    web::redirect("/docs", "/docs/")
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "description", responses((status = 200, description = "OpenAPI 3.1")))]
pub(crate) async fn document(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

/// The service's metrics.
#[utoipa::path(get, path = "/metrics", tag = "description", responses(
    (status = 200, description = "OpenMetrics 1.0 text", content_type = "application/openmetrics-text")
))]
pub(crate) async fn metrics(telemetry: web::Data<Telemetry>, identity: web::Data<Identity>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(Metrics::CONTENT_TYPE)
        .body(telemetry.metrics().to_text(&identity.name, &identity.version))
}
