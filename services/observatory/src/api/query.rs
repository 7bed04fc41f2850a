//! The list's query parameters.

use axum::extract::Query;
use http::Uri;

use super::problem::Problem;
use crate::store::Filter;

/// How many traces a list has when nothing is said.
const DEFAULT_LIMIT: usize = 50;
/// More are more than anybody looks through; a filter is what helps then.
const MAX_LIMIT: usize = 1_000;

const NANOS_PER_MILLISECOND: f64 = 1e6;

/// Reads the parameters. An empty one is as good as none; an unknown, repeated or wrong one is named.
pub(super) fn parse(uri: &Uri) -> Result<Filter, Problem> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| Problem::bad_request("invalid-query", error.body_text()))?;
    let mut filter = Filter { limit: DEFAULT_LIMIT, ..Filter::default() };
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in pairs {
        if seen.contains(&name) {
            return Err(wrong(&name, "must be given once"));
        }
        if !value.is_empty() {
            set(&mut filter, &name, &value)?;
        }
        seen.push(name);
    }
    Ok(filter)
}

fn set(filter: &mut Filter, name: &str, value: &str) -> Result<(), Problem> {
    match name {
        "limit" => {
            let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
            filter.limit = limit.ok_or_else(|| wrong(name, "must be a whole number from 1 to 1000"))?;
        }
        "service" => filter.service = Some(value.to_owned()),
        "status" => {
            filter.errors = Some(match value {
                "error" => true,
                "ok" => false,
                _ => return Err(wrong(name, "must be error or ok")),
            });
        }
        "min_duration_ms" => {
            let millis = value.parse().ok().filter(|millis: &f64| millis.is_finite() && *millis >= 0.0);
            let millis = millis.ok_or_else(|| wrong(name, "must be a number of milliseconds, at least 0"))?;
            // A cast stops at the largest duration.
            filter.min_duration_nanos = (millis * NANOS_PER_MILLISECOND).ceil() as u64;
        }
        _ => return Err(wrong(name, "is unknown; limit, service, status and min_duration_ms are known")),
    }
    Ok(())
}

fn wrong(name: &str, what: &str) -> Problem {
    Problem::bad_request("invalid-parameter", format!("query parameter {name:?} {what}"))
}
