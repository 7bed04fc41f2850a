//! The table of routes, and the same as an OpenAPI document.

use chassis::Routes;
use utoipa::OpenApi;

use crate::{list, process};

/// The routes of this service.
pub fn routes(table: &mut Routes) {
    table.resource("/process").post(process::process);
    table.resource("/orders").get(list::list);
    table.resource("/orders/{id}").get(list::show);
}

#[derive(OpenApi)]
#[openapi(
    info(title = "order-service", description = "Orders and their prices.", license(name = "MIT OR Apache-2.0")),
    paths(process::process, list::list, list::show)
)]
struct Document;

/// The document of this service's own routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
