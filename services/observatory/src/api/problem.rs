//! Refusals as `application/problem+json` (RFC 9457), with the members that all services' problems have.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode, Uri};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    /// What went wrong, for programs.
    pub code: &'static str,
    /// What went wrong, for people.
    pub detail: String,
}

impl Problem {
    pub(crate) fn bad_request(code: &'static str, detail: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, detail }
    }

    /// The thread that would have answered is gone, as at the end of the process.
    pub(crate) fn unavailable() -> Self {
        let detail = "the request could not be handled".into();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, code: "unavailable", detail }
    }

    pub(crate) fn not_found(code: &'static str, detail: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, code, detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "retryable": self.status == StatusCode::SERVICE_UNAVAILABLE,
        });
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (self.status, headers, body.to_string()).into_response()
    }
}

pub(crate) async fn not_found(uri: Uri) -> Problem {
    Problem::not_found("unknown-route", format!("there is nothing at {}", uri.path()))
}

/// The router adds `Allow`.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    Problem { status, code: "method-not-allowed", detail: format!("{method} is not possible at {}", uri.path()) }
}
