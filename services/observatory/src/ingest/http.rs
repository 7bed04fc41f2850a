//! OTLP/HTTP: `POST /v1/traces`.
//!
//! Answers have the format of the request (OTLP specification, "OTLP/HTTP Response"):
//! 200; 400 what cannot be decoded; 408 too slow; 413 too large; 415 another type or compression;
//! 503 no room now, or at the end.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Accepted, ContentEncoding, Format, Held, Ingest, MAX_REQUEST_BYTES, Refusal, answer};
use crate::api::problem;

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u32 = 3;
const DEADLINE_EXCEEDED: u32 = 4;
const RESOURCE_EXHAUSTED: u32 = 8;
const UNAVAILABLE: u32 = 14;

/// When to come back, in seconds: a full room is empty again sooner than that.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// The routes of the OTLP/HTTP port.
pub(crate) fn routes(ingest: Ingest) -> Router {
    Router::new()
        .route("/v1/traces", post(traces))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(problem::not_found)
        .with_state(ingest)
}

async fn traces(State(ingest): State<Ingest>, request: Request) -> Response {
    let (format, encoding) = match content(request.headers()) {
        Ok(content) => content,
        Err((format, message)) => {
            ingest.refuse(&Refusal::Malformed(message.clone()));
            let body = answer::refused(INVALID_ARGUMENT, &message, format);
            let mut response = respond(StatusCode::UNSUPPORTED_MEDIA_TYPE, format, body);
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            return response;
        }
    };
    let taken = match read(&ingest, request, encoding).await {
        Ok((body, held)) => ingest.take(body, held, encoding, format).await,
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

/// Reads the body up to the limit and holds room for it, also decompressed.
async fn read(ingest: &Ingest, request: Request, encoding: ContentEncoding) -> Result<(Bytes, Held), Refusal> {
    let (body, mut held) = ingest.room.read(request.into_body(), MAX_REQUEST_BYTES).await?;
    if encoding == ContentEncoding::Gzip {
        ingest.room.hold_decompressed(&mut held).await?;
    }
    Ok((body, held))
}

fn respond_accepted(accepted: &Accepted, format: Format) -> Response {
    respond(StatusCode::OK, format, answer::accepted(accepted, format))
}

fn respond_refused(refusal: &Refusal, format: Format) -> Response {
    let (status, code) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, INVALID_ARGUMENT),
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, RESOURCE_EXHAUSTED),
        Refusal::Slow(_) => (StatusCode::REQUEST_TIMEOUT, DEADLINE_EXCEEDED),
        Refusal::Busy | Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
    };
    let mut response = respond(status, format, answer::refused(code, &refusal.to_string(), format));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

fn respond(status: StatusCode, format: Format, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(format.content_type());
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
