//! The page: files that are part of the binary, found and typed by `build.rs`.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, StatusCode, Uri};

use crate::api::problem::{Problem, not_found};

/// Nothing from elsewhere, nothing inline: what a span's attributes say can only ever be text.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// One file of the folder `page`.
struct File {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// The page itself; which trace it shows is decided in the browser.
pub(crate) async fn index(uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    serve("index.html", uri, &headers).await
}

/// What the page consists of.
pub(crate) async fn asset(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    serve(&path, uri, &headers).await
}

/// Browsers ask each time and are told that nothing has changed: a new binary is a new page at once.
async fn serve(name: &str, uri: Uri, headers: &HeaderMap) -> Result<Response, Problem> {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return Err(not_found(uri).await);
    };
    let etag = etag(file.content);
    let unchanged = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let headers: [(HeaderName, &str); 6] = [
        (CONTENT_TYPE, file.content_type),
        (CACHE_CONTROL, "no-cache"),
        (ETAG, &etag),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    Ok(if unchanged {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, file.content).into_response()
    })
}

fn etag(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}
