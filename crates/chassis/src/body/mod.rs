//! A request's JSON body, checked against the schema that the OpenAPI document shows, and then parsed.

mod schema;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use utoipa::ToSchema;

use crate::deadline::Deadline;
use crate::problem::{FieldError, Kind, Problem};
pub(crate) use schema::Schemas;

/// The largest body in bytes: the gateway's own limit, so that both say the same.
pub const MOST_BODY_BYTES: usize = 256 * 1024;
/// How long a body may take to come: longer than any honest one, and ends a sender that drips bytes to hold a worker.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// The body as a `T`. Refuses: 415 for another content type, 413 above [`MOST_BODY_BYTES`], 408 when it does not come, 400
/// when it is not JSON, and 422 with every value that breaks a rule of `T`'s schema.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            is_json(&request)?;
            // Whoever has less time than that for the whole answer has no use for a later one.
            let limit = BODY_TIMEOUT.min(Deadline::of(&request).left());
            let bytes = tokio::time::timeout(limit, collect(&request, &mut payload)).await;
            let bytes = bytes.map_err(|_| {
                let limit_ms = limit.as_micros().div_ceil(1_000);
                Problem::new(Kind::RequestTimeout, format!("the body has to come within {limit_ms} ms"))
            })??;
            let value = parse(&bytes)?;
            let schemas = request.app_data::<Schemas>().cloned().unwrap_or_default();
            schemas.check::<T>(&value)?;
            // What a schema cannot say, such as the range of a 64-bit number, comes to light here.
            serde_path_to_error::deserialize(value).map(Self).map_err(|error| {
                Problem::invalid(vec![FieldError::new(pointer(error.path()), "is not a value that can be")])
            })
        })
    }
}

/// A path as a JSON pointer (RFC 6901 section 3).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let token = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("/{}", schema::escaped(key)),
        Segment::Unknown => String::new(),
    };
    path.iter().map(token).collect()
}

fn is_json(request: &HttpRequest) -> Result<(), Problem> {
    let named = request.content_type();
    if named.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = if request.headers().contains_key(CONTENT_TYPE) {
        "the Content-Type has to be application/json"
    } else {
        "the Content-Type is missing; it has to be application/json"
    };
    Err(Problem::new(Kind::UnsupportedMediaType, detail))
}

async fn collect(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Kind::PayloadTooLarge, format!("a body may have {MOST_BODY_BYTES} bytes"));
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MOST_BODY_BYTES) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or_default());
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| Problem::new(Kind::BadRequest, "the body broke off").because(error.to_string()))?;
        if bytes.len() + chunk.len() > MOST_BODY_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // Line and column, and not serde's own words: those can repeat what was sent.
        let detail = if bytes.is_empty() {
            "the body is empty".to_owned()
        } else {
            format!("not JSON at line {}, column {}", error.line(), error.column())
        };
        Problem::new(Kind::MalformedJson, detail)
    })
}
