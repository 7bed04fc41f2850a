//! Names that the conventions give, where more than one module needs them.
//!
//! Source: OpenTelemetry semantic conventions 1.42, HTTP and database spans and metrics (stable).

/// The conventions that names and types follow.
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";
/// The OpenTelemetry SDK that makes the spans.
pub(crate) const OPENTELEMETRY_VERSION: &str = "0.33.1";

/// `http.request.method` of methods that the conventions do not know.
pub(crate) const OTHER_METHOD: &str = "_OTHER";

/// The methods of RFC 9110, PATCH (RFC 5789) and QUERY; anything else is `_OTHER`, so that a client cannot invent series.
pub(crate) fn known_method(method: &str) -> &'static str {
    match method {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        "QUERY" => "QUERY",
        _ => OTHER_METHOD,
    }
}

/// The method as it stands in a span's name: `HTTP` for an unknown one.
pub(crate) fn method_in_name(known: &'static str) -> &'static str {
    if known == OTHER_METHOD { "HTTP" } else { known }
}

/// A status code as `error.type` without an allocation for those that services really answer with.
pub(crate) fn status_text(status: u16) -> std::borrow::Cow<'static, str> {
    match status {
        400 => "400".into(),
        404 => "404".into(),
        409 => "409".into(),
        422 => "422".into(),
        429 => "429".into(),
        500 => "500".into(),
        502 => "502".into(),
        503 => "503".into(),
        504 => "504".into(),
        other => other.to_string().into(),
    }
}
