//! Every refusal as RFC 9457 `application/problem+json`.
//!
//! A [`Problem`] has two readers: the client gets title, detail and errors; the log gets the source. What each code means
//! stands in docs/PROBLEMS.md.

mod answer;
pub(crate) mod cause;
mod documented;
mod kind;

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use answer::ProblemBody;
pub(crate) use answer::from_actix;
pub use documented::{BodyRefusals, ChainRefusals, ParameterRefusals, Refusals};
pub use kind::Kind;

/// Why a request is refused.
#[derive(Debug)]
pub struct Problem {
    pub(crate) kind: Kind,
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, such as `/items/0/quantity`; or the name of a parameter, such as `?limit`.
    #[schema(example = "/items/0/quantity")]
    pub pointer: String,
    /// What it has to be.
    #[schema(example = "must be at least 1")]
    pub detail: String,
}

impl Problem {
    /// A problem of this kind. `detail` is for the client: no internals.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, status: kind.status(), detail: detail.into(), errors: Vec::new(), source: None }
    }

    /// The thing that was asked for is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// A bug, or a state that should not be: the client learns nothing of it, the log everything.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, "the service failed; the log has the reason").because(source)
    }

    /// Valid JSON with values that cannot be; all of them.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(Kind::InvalidRequest, "the request has values that cannot be; `errors` names them all")
        }
    }

    /// Adds the cause, for the log.
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of problem this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What is wrong with the request, part by part.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl FieldError {
    /// A part of the body, or a parameter, and what it has to be.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.detail)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
