//! A request's query and path parameters.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::problem::{FieldError, Problem};

/// The query as a `T`; 422 when it is none.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<T>::from_query(request.query_string());
        ready(query.map(|query| Self(query.into_inner())).map_err(|_| {
            Problem::invalid(vec![FieldError::new(
                "?",
                "the query has a parameter that is unknown, or not of its type",
            )])
        }))
    }
}

/// The path's parameters as a `T`; 422 when one is not of its type.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // web::Path is ready at once: the router has parsed it already.
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|_| {
            Problem::invalid(vec![FieldError::new("{id}", "the path has a part that is not of its type")])
        }))
    }
}
