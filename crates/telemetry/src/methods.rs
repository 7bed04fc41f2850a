//! Request methods, as spans and metrics may say them.
//!
//! Source: semantic conventions 1.42, `http.request.method` and span names.

use crate::lasting;

/// `http.request.method` of methods that are not known.
const OTHER: &str = "_OTHER";

/// The methods that are recorded as they are. Any other is `_OTHER`, so that a client cannot invent series and span names.
#[derive(Clone, Debug)]
pub(crate) struct KnownMethods(Vec<&'static str>);

/// A request's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// `http.request.method`.
    pub(crate) name: &'static str,
    /// Its place among the known ones; one more than the last for `_OTHER`.
    pub(crate) place: u32,
}

impl KnownMethods {
    pub(crate) fn new(methods: &[String]) -> Self {
        Self(methods.iter().map(|method| lasting::name(method)).collect())
    }

    /// Names are compared as they are written: methods are case-sensitive (RFC 9110 section 9.1).
    pub(crate) fn find(&self, method: &str) -> Method {
        let place = self.0.iter().position(|known| *known == method).unwrap_or(self.0.len());
        self.at(place as u32)
    }

    /// The one with this place.
    pub(crate) fn at(&self, place: u32) -> Method {
        Method { name: self.0.get(place as usize).unwrap_or(&OTHER), place }
    }

    /// How many [`Method`]s there are, with `_OTHER`.
    pub(crate) fn places(&self) -> usize {
        self.0.len() + 1
    }
}

impl Method {
    /// Whether the request's own word has to be recorded beside it, as `http.request.method_original`.
    pub(crate) fn is_other(self) -> bool {
        self.name == OTHER
    }

    /// The method as it stands in a span's name.
    pub(crate) fn in_name(self) -> &'static str {
        if self.is_other() { "HTTP" } else { self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_known_and_case_counts() {
        let methods = KnownMethods::new(&["GET".to_owned(), "PURGE".to_owned()]);
        let found = |method| (methods.find(method).name, methods.find(method).in_name());
        assert_eq!(found("GET"), ("GET", "GET"));
        assert_eq!(found("PURGE"), ("PURGE", "PURGE"));
        assert_eq!(found("get"), ("_OTHER", "HTTP"));
        assert_eq!(found("POST"), ("_OTHER", "HTTP"));
        assert!((methods.find("POST").place as usize) < methods.places());
        for method in ["GET", "PURGE", "POST"] {
            let found = methods.find(method);
            assert_eq!(methods.at(found.place), found);
        }
    }
}
