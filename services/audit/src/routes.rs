//! The table of routes, and the same as an OpenAPI document.

use chassis::Routes;
use utoipa::OpenApi;

use crate::{list, process};

/// The routes of this service.
pub fn routes(table: &mut Routes) {
    table.resource("/process").post(process::process);
    table.resource("/audit").get(list::list);
}

#[derive(OpenApi)]
#[openapi(
    info(title = "audit-service", description = "The audit trail.", license(name = "MIT OR Apache-2.0")),
    paths(process::process, list::list)
)]
struct Document;

/// The document of this service's own routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
