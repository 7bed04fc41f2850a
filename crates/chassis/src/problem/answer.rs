//! From a problem to its answer, and from actix-web's own refusals to a problem.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use problem_details::ProblemDetails;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FieldError, Kind, Problem};

/// When a client may try again, in seconds: about as long as a restart of what is missing takes.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A problem as it stands on the wire.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where this kind of problem is explained.
    #[schema(example = "/problems/not-found")]
    pub r#type: String,
    /// The kind's name for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for people.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// The kind's name for programs.
    #[schema(example = "not-found")]
    pub code: String,
    /// `service.name` of the service that refused.
    pub service: String,
    /// The trace of this request.
    pub trace_id: Option<String>,
    /// Whether the very same request may simply be sent again.
    pub retryable: bool,
    /// What is wrong with the request, part by part.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

/// The members that RFC 9457 leaves to the API.
#[derive(Debug, Serialize)]
struct Extensions {
    code: &'static str,
    service: String,
    trace_id: Option<String>,
    retryable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// The answer to a request for `path`.
    pub(crate) fn answer(&self, path: &str, service: &str) -> HttpResponse {
        // problem_details takes the types of `http` 1; those of actix-web are of `http` 0.2.
        let uri = |text: &str| text.parse::<http::Uri>().unwrap_or_default();
        let status =
            http::StatusCode::from_u16(self.status.as_u16()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let details = ProblemDetails::new()
            .with_type(uri(&format!("/problems/{}", self.kind.code())))
            .with_status(status)
            .with_title(self.kind.title())
            .with_detail(self.detail.clone())
            .with_instance(uri(path))
            .with_extensions(Extensions {
                code: self.kind.code(),
                service: service.to_owned(),
                trace_id: telemetry::trace_id(),
                retryable: self.kind.retryable(),
                errors: self.errors.clone(),
            });
        let mut answer = details.error_response();
        if self.kind.retryable() {
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        answer
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The body is written where the path is known, by the middleware around every route.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}

/// The problem that a refusal of actix-web's own stands for.
pub(crate) fn from_actix(status: StatusCode, error: Option<&actix_web::Error>) -> Problem {
    let kind = match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Kind::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
        status if status.is_client_error() => Kind::BadRequest,
        _ => Kind::Internal,
    };
    let detail = match kind {
        Kind::NotFound => "there is no such route",
        Kind::MethodNotAllowed => "the route is there, with other methods: see the Allow header",
        Kind::Internal => "the service failed; the log has the reason",
        _ => kind.title(),
    };
    let problem = Problem::new(kind, detail);
    match error {
        Some(error) => problem.because(error.to_string()),
        None => problem,
    }
}
