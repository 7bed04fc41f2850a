//! The middleware around every route: a panic is an answer, every refusal is a problem, and what must be looked at is
//! logged, once.

use std::error::Error as _;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use futures_util::FutureExt;
use telemetry::http_server::ErrorType;

use crate::config::Identity;
use crate::problem::{Problem, from_actix};

/// Headers of a refusal that a problem keeps.
const KEPT: [header::HeaderName; 2] = [header::ALLOW, header::RETRY_AFTER];

/// For [`actix_web::middleware::from_fn`].
pub(crate) async fn as_problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kept = request.request().clone();
    let response = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) if response.status().as_u16() < 400 => return Ok(response.map_into_boxed_body()),
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => ServiceResponse::new(kept, HttpResponse::from_error(error)),
        Err(panic) => {
            kept.extensions_mut().insert(ErrorType("panic"));
            let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            let answer = refusal(&kept, &Problem::internal(format!("panic: {message}")));
            return Ok(ServiceResponse::new(kept, answer));
        }
    };
    let (request, refused) = response.into_parts();
    if is_problem(refused.headers()) {
        return Ok(ServiceResponse::new(request, refused));
    }
    let mut answer = match refused.error().and_then(|error| error.as_error::<Problem>()) {
        Some(problem) => refusal(&request, problem),
        None => refusal(&request, &from_actix(refused.status(), refused.error())),
    };
    for name in KEPT {
        if let Some(value) = refused.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

fn refusal(request: &HttpRequest, problem: &Problem) -> HttpResponse {
    log(problem);
    let service = request.app_data::<actix_web::web::Data<Identity>>().map_or("", |identity| identity.name.as_str());
    problem.answer(request.path(), service)
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/problem+json"))
}

/// An error is what somebody has to act on: a bug. What a dependency or a client did is told more quietly.
fn log(problem: &Problem) {
    let (code, status) = (problem.kind().code(), problem.kind().status().as_u16());
    let mut cause = String::new();
    let mut source = problem.source();
    while let Some(error) = source {
        if !cause.is_empty() {
            cause.push_str(": ");
        }
        cause.push_str(&error.to_string());
        source = error.source();
    }
    match status {
        500 => tracing::error!(code, status, cause, detail = problem.detail, "request failed"),
        501.. => tracing::warn!(code, status, cause, detail = problem.detail, "request could not be answered"),
        _ => tracing::debug!(code, status, cause, detail = problem.detail, "request refused"),
    }
}
