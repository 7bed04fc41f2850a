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
use crate::problem::{Problem, cause, from_actix};

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
        Err(_) => {
            kept.extensions_mut().insert(ErrorType("panic"));
            // Its place is in the log already; its message may repeat anything that the handler had at hand.
            let answer = refusal(&kept, &Problem::internal("the handler panicked"));
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
    let cause = cause::told(problem.source());
    match status {
        500 => tracing::error!(code, status, cause, detail = problem.detail, "request failed"),
        501.. => tracing::warn!(code, status, cause, detail = problem.detail, "request could not be answered"),
        _ => tracing::debug!(code, status, cause, detail = problem.detail, "request refused"),
    }
}
