//! Lists, a page at a time, by keyset: a cursor names the last row of the page before, so that rows which come and go in
//! between neither repeat nor hide others.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::page::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::problem::{FieldError, Problem};
use crate::query::Query;

/// Rows in a page when nothing is said.
const DEFAULT_LIMIT: i64 = 20;
/// Rows in a page at most.
const MOST_ROWS: i64 = 100;

/// Which page is wanted: `?limit=` (1 to 100, 20 when left out) and `?cursor=`, whose content is `K`.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    limit: i64,
    /// The last row of the page before.
    pub after: Option<K>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    limit: Option<i64>,
    cursor: Option<String>,
}

impl<K: Serialize> PageRequest<K> {
    /// How many rows to read: one more than fit, to know whether there is a next page.
    pub fn rows_to_read(&self) -> i64 {
        self.limit + 1
    }

    /// The page of these rows. `key` tells what a cursor has to say of a row.
    pub fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let more = rows.len() as i64 > self.limit;
        rows.truncate(usize::try_from(self.limit).unwrap_or_default());
        let last = rows.last().filter(|_| more).and_then(|row| serde_json::to_vec(&key(row)).ok());
        Page { next_cursor: last.map(|key| URL_SAFE_NO_PAD.encode(key)), items: rows }
    }
}

impl<K: DeserializeOwned> FromRequest for PageRequest<K> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parameters = Query::<Parameters>::from_request(request, payload).into_inner();
        ready(parameters.and_then(|Query(parameters)| {
            let mut errors = Vec::new();
            let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
            if !(1..=MOST_ROWS).contains(&limit) {
                errors.push(FieldError::new("?limit", format!("must be from 1 to {MOST_ROWS}")));
            }
            let after = parameters
                .cursor
                .map(|cursor| URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|key| serde_json::from_slice(&key).ok()));
            if after.as_ref().is_some_and(Option::is_none) {
                errors.push(FieldError::new("?cursor", "must be the next_cursor of an earlier page"));
            }
            if errors.is_empty() { Ok(Self { limit, after: after.flatten() }) } else { Err(Problem::invalid(errors)) }
        }))
    }
}
