//! The headers of a request that telemetry asks for, found in one pass: most requests between services have fewer headers than
//! it would take look-ups, of which most would find nothing.

use actix_web::http::header::{HeaderMap, HeaderValue};

use crate::propagation::{Carrier, Field, trimmed};

/// What is there of a field.
#[derive(Clone, Copy, Debug, Default)]
enum Found<'a> {
    #[default]
    Nothing,
    Once(&'a HeaderValue),
    Repeatedly,
}

/// A request's headers.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    all: &'a HeaderMap,
    traceparent: Found<'a>,
    tracestate: Found<'a>,
    baggage: Found<'a>,
    host: Found<'a>,
    user_agent: Found<'a>,
}

impl<'a> Headers<'a> {
    #[inline]
    pub(super) fn of(all: &'a HeaderMap) -> Self {
        let nothing = Found::Nothing;
        let mut headers = Self {
            all,
            traceparent: nothing,
            tracestate: nothing,
            baggage: nothing,
            host: nothing,
            user_agent: nothing,
        };
        for (name, value) in all {
            let found = match name.as_str() {
                "traceparent" => &mut headers.traceparent,
                "tracestate" => &mut headers.tracestate,
                "baggage" => &mut headers.baggage,
                "host" => &mut headers.host,
                "user-agent" => &mut headers.user_agent,
                _ => continue,
            };
            *found = match found {
                Found::Nothing => Found::Once(value),
                _ => Found::Repeatedly,
            };
        }
        headers
    }

    /// `Host`; the first one where there are several.
    pub(super) fn host(&self) -> Option<&'a str> {
        self.first(self.host, "host")
    }

    /// `User-Agent`; the first one where there are several.
    pub(super) fn user_agent(&self) -> Option<&'a str> {
        self.first(self.user_agent, "user-agent")
    }

    fn first(&self, found: Found<'a>, name: &str) -> Option<&'a str> {
        let value = match found {
            Found::Nothing => return None,
            Found::Once(value) => value,
            Found::Repeatedly => self.all.get(name)?,
        };
        std::str::from_utf8(value.as_bytes()).ok()
    }

    /// `None` where only the map knows.
    fn found(&self, field: Field) -> Option<Found<'a>> {
        match field {
            Field::Traceparent => Some(self.traceparent),
            Field::Tracestate => Some(self.tracestate),
            Field::Baggage => Some(self.baggage),
            _ => None,
        }
    }
}

impl Carrier for Headers<'_> {
    fn values(&self, field: Field) -> impl Iterator<Item = &[u8]> {
        let (once, all) = match self.found(field) {
            Some(Found::Nothing) => (None, None),
            Some(Found::Once(value)) => (Some(value.as_bytes()), None),
            Some(Found::Repeatedly) | None => (None, Some(self.all.values(field))),
        };
        once.into_iter().chain(all.into_iter().flatten())
    }

    fn value(&self, field: Field) -> Option<&[u8]> {
        match self.found(field) {
            Some(Found::Once(value)) => Some(trimmed(value.as_bytes())),
            Some(_) => None,
            None => self.all.value(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, USER_AGENT};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 8] =
        ["traceparent", "tracestate", "baggage", "host", "user-agent", "b3", "x-b3-traceid", "accept"];
    const FIELDS: [Field; 5] = [Field::Traceparent, Field::Tracestate, Field::Baggage, Field::B3, Field::B3TraceId];

    proptest! {
        #[test]
        fn one_pass_finds_what_look_ups_find(headers in vec((0..NAMES.len(), " ?[a-z]{0,3}"), 0..12)) {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                let value = HeaderValue::from_str(value).expect("a value");
                map.append(HeaderName::from_static(NAMES[*name]), value);
            }
            let found = Headers::of(&map);
            for field in FIELDS {
                prop_assert_eq!(found.value(field), map.value(field));
                prop_assert_eq!(found.values(field).collect::<Vec<_>>(), map.values(field).collect::<Vec<_>>());
            }
            let text = |name: &str| map.get(name).map(|value| value.to_str().expect("a text"));
            prop_assert_eq!((found.host(), found.user_agent()), (text("host"), text("user-agent")));
        }
    }

    #[test]
    fn a_text_that_is_none_is_not_there() {
        let mut map = HeaderMap::new();
        map.insert(USER_AGENT, HeaderValue::from_bytes(b"\xff").expect("a value"));
        assert_eq!(Headers::of(&map).user_agent(), None);
    }
}
