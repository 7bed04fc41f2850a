//! Refusals as an OpenAPI document shows them, so that no route has to list them anew.
//!
//! ```
//! # use chassis::problem::BodyRefusals;
//! #[utoipa::path(post, path = "/users", responses((status = 201), BodyRefusals))]
//! async fn create() {}
//! ```

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::{Kind, ProblemBody};

/// What every route can answer: the database is away, the service is not ready, something is broken.
#[derive(Debug)]
pub struct Refusals;

/// What a route with a path or query parameter can answer besides [`Refusals`].
#[derive(Debug)]
pub struct ParameterRefusals;

/// What a route with a body can answer besides [`Refusals`].
#[derive(Debug)]
pub struct BodyRefusals;

/// What a route that calls the next service can answer besides [`Refusals`].
#[derive(Debug)]
pub struct ChainRefusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[Kind::Internal, Kind::DatabaseUnavailable])
    }
}

impl IntoResponses for ParameterRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[Kind::InvalidRequest])
    }
}

impl IntoResponses for BodyRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[
            Kind::MalformedJson,
            Kind::RequestTimeout,
            Kind::PayloadTooLarge,
            Kind::UnsupportedMediaType,
            Kind::InvalidRequest,
            Kind::OutcomeUnknown,
        ])
    }
}

impl IntoResponses for ChainRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[Kind::BadUpstreamResponse, Kind::DependencyUnavailable, Kind::OutcomeUnknown])
    }
}

fn of(kinds: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    let body = || Ref::from_schema_name(ProblemBody::name());
    let response = |kind: &Kind| {
        let content = ContentBuilder::new().schema(Some(body())).build();
        ResponseBuilder::new().description(kind.title()).content("application/problem+json", content).build()
    };
    kinds.iter().map(|kind| (kind.status().as_str().to_owned(), RefOr::T(response(kind)))).collect()
}
