//! The query of a URL without what gives access to something, or says who somebody is.
//!
//! Source: semantic conventions 1.42, `url.query` and `url.full`.

use std::borrow::Cow;

use crate::config::percent;
use crate::privacy::is_private;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "REDACTED";
/// Keys whose values are signatures or credentials: the conventions' list. Case counts. Private keys are besides them.
const SENSITIVE: [&str; 7] = [
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
];

/// The query with `REDACTED` for the values of sensitive keys. Keys are compared as a server reads them: percent-decoded.
pub(crate) fn redacted(query: &str) -> Cow<'_, str> {
    let is_sensitive = |part: &str| {
        let key = part.split_once('=').map(|(key, _)| percent::decoded(key));
        key.is_some_and(|key| SENSITIVE.contains(&&*key) || is_private(&key))
    };
    if !query.split('&').any(is_sensitive) {
        return Cow::Borrowed(query);
    }
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((key, _)) if is_sensitive(part) => Cow::Owned(format!("{key}={REDACTED}")),
        _ => Cow::Borrowed(part),
    });
    Cow::Owned(parts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_sensitive_keys_are_redacted_and_keys_stay() {
        for key in SENSITIVE.into_iter().chain([
            "access_token",
            "apiKey",
            "email",
            "user.name",
            "password",
            "user[password]",
            "user%5Bemail%5D",
            "password[]",
        ]) {
            assert_eq!(redacted(&format!("a=1&{key}=canary&b=2")), format!("a=1&{key}=REDACTED&b=2"));
        }
        assert_eq!(redacted("sig=canary&sig=canary"), "sig=REDACTED&sig=REDACTED");
        assert_eq!(redacted("s%69g=can=ary"), "s%69g=REDACTED");
    }

    #[test]
    fn the_rest_is_left_as_it_is() {
        for query in ["", "a", "a=1", "SIG=1", "sign=1", "sig", "&&", "q=sig"] {
            assert_eq!(redacted(query), query);
        }
    }
}
