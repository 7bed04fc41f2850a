//! The table of routes, and the same as an OpenAPI document.

use chassis::Routes;
use utoipa::OpenApi;

use crate::{list, process};

/// The routes of this service.
pub fn routes(table: &mut Routes) {
    table.resource("/process").post(process::process);
    table.resource("/users").get(list::list).post(list::create);
    table.resource("/users/{id}").get(list::show);
    table.resource("/error").get(process::error);
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "user-service",
        description = "Users, and the beginning of the chain.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(process::process, process::error, list::list, list::create, list::show)
)]
struct Document;

/// The document of this service's own routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
