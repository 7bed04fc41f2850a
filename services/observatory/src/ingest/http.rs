//! OTLP/HTTP: `POST /v1/traces`.
//!
//! Answers have the format of the request (OTLP specification, "OTLP/HTTP Response"):
//! 200; 400 what cannot be decoded; 413 too large; 415 another type or compression; 503 at the end.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::response::Response;
use axum::routing::post;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, StatusCode};

use super::{Accepted, ContentEncoding, Format, Ingest, MAX_REQUEST_BYTES, Refusal, answer};
use crate::api::problem;

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u32 = 3;
const RESOURCE_EXHAUSTED: u32 = 8;
const UNAVAILABLE: u32 = 14;

/// The routes of the OTLP/HTTP port.
pub(crate) fn routes(ingest: Ingest) -> Router {
    Router::new()
        .route("/v1/traces", post(traces))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(problem::not_found)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(ingest)
}

async fn traces(State(ingest): State<Ingest>, request: Request) -> Response {
    let (format, encoding) = match content(request.headers()) {
        Ok(content) => content,
        Err((format, message)) => {
            ingest.refuse(&Refusal::Malformed(message.clone()));
            let body = answer::refused(INVALID_ARGUMENT, &message, format);
            let mut response = respond(StatusCode::UNSUPPORTED_MEDIA_TYPE, format, body);
            response.headers_mut().insert(ACCEPT_ENCODING, http::HeaderValue::from_static("gzip"));
            return response;
        }
    };
    let taken = match read(request).await {
        Ok(body) => ingest.take(body, encoding, format).await,
        Err(refusal) => {
            ingest.refuse(&refusal);
            Err(refusal)
        }
    };
    match taken {
        Ok(accepted) => respond_accepted(&accepted, format),
        Err(refusal) => respond_refused(&refusal, format),
    }
}

/// The format and compression that the headers name, or the format to answer in and what is wrong.
fn content(headers: &HeaderMap) -> Result<(Format, ContentEncoding), (Format, String)> {
    let content_type = header(headers, &CONTENT_TYPE);
    let format = Format::of_content_type(content_type).ok_or_else(|| {
        let types = "application/x-protobuf or application/json";
        (Format::Json, format!("Content-Type must be {types}, not {content_type:?}"))
    })?;
    let encoding = header(headers, &CONTENT_ENCODING);
    let encoding = ContentEncoding::of_content_encoding(encoding)
        .ok_or_else(|| (format, format!("Content-Encoding must be gzip or identity, not {encoding:?}")))?;
    Ok((format, encoding))
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads the body up to the limit.
async fn read(request: Request) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Malformed(rejection.body_text()),
    })
}

fn respond_accepted(accepted: &Accepted, format: Format) -> Response {
    respond(StatusCode::OK, format, answer::accepted(accepted, format))
}

fn respond_refused(refusal: &Refusal, format: Format) -> Response {
    let (status, code) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, INVALID_ARGUMENT),
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, RESOURCE_EXHAUSTED),
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
    };
    respond(status, format, answer::refused(code, &refusal.to_string(), format))
}

fn respond(status: StatusCode, format: Format, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static(format.content_type());
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
