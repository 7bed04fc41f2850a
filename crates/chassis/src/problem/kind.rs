//! The kinds of problems: a code, a status, a title, and whether trying again can help.

use actix_web::http::StatusCode;

/// A kind of problem. 503 means that nothing was done; 502 and 504 that this cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The body is not JSON.
    MalformedJson,
    /// The request cannot be understood, before its body is looked at.
    BadRequest,
    /// There is no such thing, or no such route.
    NotFound,
    /// The route does not have this method.
    MethodNotAllowed,
    /// The body did not come in time.
    RequestTimeout,
    /// It clashes with what is there.
    Conflict,
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The body is JSON, with values that cannot be.
    InvalidRequest,
    /// A bug, or a panic.
    Internal,
    /// Somebody has asked for it.
    InjectedFault,
    /// The next service answered with something that is no answer.
    BadUpstreamResponse,
    /// The next service cannot be reached; nothing was done there.
    DependencyUnavailable,
    /// The database cannot be reached; nothing was done.
    DatabaseUnavailable,
    /// The service is not ready yet, or no longer; nothing was done.
    NotReady,
    /// The time was up before anything was done.
    DeadlineExceeded,
    /// Something was begun, and whether it was done cannot be told.
    OutcomeUnknown,
}

impl Kind {
    /// All kinds, for documents and tests.
    pub const ALL: [Self; 17] = [
        Self::MalformedJson,
        Self::BadRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Conflict,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::Internal,
        Self::InjectedFault,
        Self::BadUpstreamResponse,
        Self::DependencyUnavailable,
        Self::DatabaseUnavailable,
        Self::NotReady,
        Self::DeadlineExceeded,
        Self::OutcomeUnknown,
    ];

    /// The stable name that programs compare.
    pub fn code(self) -> &'static str {
        self.facts().0
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.facts().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        self.facts().2
    }

    /// Whether the very same request may simply be sent again: only where nothing was done.
    pub fn retryable(self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    /// The kind that a service's code stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    fn facts(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::MalformedJson => ("malformed-json", 400, "The body is not JSON"),
            Self::BadRequest => ("bad-request", 400, "The request cannot be understood"),
            Self::NotFound => ("not-found", 404, "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "The method is not allowed here"),
            Self::RequestTimeout => ("request-timeout", 408, "The body did not come in time"),
            Self::Conflict => ("conflict", 409, "Clashes with what is there"),
            Self::PayloadTooLarge => ("payload-too-large", 413, "The body is too large"),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "The body is not application/json"),
            Self::InvalidRequest => ("invalid-request", 422, "The request has values that cannot be"),
            Self::Internal => ("internal", 500, "The service failed"),
            Self::InjectedFault => ("injected-fault", 500, "The service failed because it was asked to"),
            Self::BadUpstreamResponse => ("bad-upstream-response", 502, "The next service gave no valid answer"),
            Self::DependencyUnavailable => ("dependency-unavailable", 503, "The next service cannot be reached"),
            Self::DatabaseUnavailable => ("database-unavailable", 503, "The database cannot be reached"),
            Self::NotReady => ("not-ready", 503, "The service is not ready"),
            Self::DeadlineExceeded => ("deadline-exceeded", 503, "The time was up before anything was done"),
            Self::OutcomeUnknown => ("outcome-unknown", 504, "Whether it was done cannot be told"),
        }
    }
}
