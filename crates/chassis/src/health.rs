//! Whether the service can do its work.
//!
//! `/livez`: the process answers. `/readyz` and `/health`: it can do its work; 503 with the reason when it cannot, and while
//! it is stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::Identity;
use crate::database::Database;
use crate::problem::{Kind, Problem};

/// Where readiness is asked for.
pub(crate) const READY: &str = "/readyz";

/// What readiness depends on.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) identity: Identity,
    pub(crate) database: Option<Database>,
    pub(crate) stopping: Arc<AtomicBool>,
}

/// A service that can do its work.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Report {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: String,
    /// `service.name`.
    pub service: String,
    /// `service.version`.
    pub version: String,
}

impl Health {
    fn report(&self) -> Report {
        Report { status: "ok".to_owned(), service: self.identity.name.clone(), version: self.identity.version.clone() }
    }
}

/// The process answers.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, body = Report)))]
pub(crate) async fn live(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().json(health.report())
}

/// The service can do its work.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = Report),
    (status = 503, body = crate::problem::ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn ready(health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    if health.stopping.load(Ordering::Relaxed) {
        return Err(Problem::new(Kind::NotReady, "the service is stopping"));
    }
    if let Some(database) = &health.database {
        database.ready().await.map_err(|reason| Problem::new(Kind::NotReady, reason))?;
    }
    Ok(HttpResponse::Ok().json(health.report()))
}

/// The same as `/readyz`.
#[utoipa::path(get, path = "/health", tag = "health", responses(
    (status = 200, body = Report),
    (status = 503, body = crate::problem::ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn health(health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    ready(health).await
}
