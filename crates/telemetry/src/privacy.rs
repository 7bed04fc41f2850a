//! Keys that are private: what they stand for says who somebody is, or is a secret that gives access to something.
//!
//! They are left out of what a program says by this crate and the OpenTelemetry API (attributes of spans, events and links),
//! of the fields of log records, of the resource's attributes, and of the baggage that travels on, unless
//! `TELEMETRY_PII=plain`. Only keys can be known here: what is private inside of a value, such as a message, is the program's
//! to leave out.
//!
//! Source: semantic conventions 1.42, registry, "User" and "End user"; OWASP, "Logging Cheat Sheet", "Data to exclude".

/// Attributes of the conventions that name a person. `user.id` and `user.hash` do so only to who has the users' table.
const PEOPLE: [&str; 4] = ["enduser.id", "user.email", "user.full_name", "user.name"];
/// How the last segment of a private key ends, whatever the case, without `_`, `-` and brackets: `email` is that of
/// `customer.email` and, in queries, of `user[email]`, and `apikey` that of `http.request.header.x-api-key`. A plural is mostly a count, such as that of `input_tokens`.
const ENDS: [&str; 17] = [
    "accesskey",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "email",
    "emailaddress",
    "fullname",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "token",
];

/// The letters that [`ENDS`] end with, a bit each. Most keys end with another one, and nothing else of them is looked at.
const LAST_LETTERS: u32 = {
    let (mut letters, mut at) = (0, 0);
    while at < ENDS.len() {
        letters |= letter_bit(ENDS[at].as_bytes()[ENDS[at].len() - 1]);
        at += 1;
    }
    letters
};

/// Whether what has this key is left out.
pub(crate) fn is_private(key: &str) -> bool {
    // What stands in front of the last dot is never reached: no end has a dot.
    let letters = key.bytes().rev().filter(|byte| !matches!(byte, b'_' | b'-' | b'[' | b']'));
    let letters = letters.map(|letter| letter.to_ascii_lowercase());
    let Some(last) = letters.clone().next() else { return false };
    PEOPLE.contains(&key)
        || LAST_LETTERS & letter_bit(last) != 0 && ENDS.iter().any(|end| ends_with(letters.clone(), end))
}

/// Whether these letters, the last one first, begin with those of `end`.
#[inline]
fn ends_with(mut letters: impl Iterator<Item = u8>, end: &str) -> bool {
    end.bytes().rev().all(|wanted| letters.next() == Some(wanted))
}

/// A letter's place in the alphabet as a bit; none for what is no lower-case letter.
const fn letter_bit(letter: u8) -> u32 {
    if letter.is_ascii_lowercase() { 1 << (letter - b'a') } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_people_and_of_secrets_are_private_however_they_are_written() {
        let ends = ENDS.into_iter().flat_map(|end| [end.to_owned(), format!("a.b.{end}"), format!("my_{end}")]);
        for key in PEOPLE.into_iter().map(str::to_owned).chain(ends) {
            assert!(is_private(&key), "{key}");
        }
        for key in [
            "http.request.header.x-api-key",
            "set-cookie",
            "accessToken",
            "API_KEY",
            "E-Mail",
            "user[email]",
            "password[]",
        ] {
            assert!(is_private(key), "{key}");
        }
    }

    #[test]
    fn other_keys_are_not() {
        let open = [
            "user.id",
            "user.created",
            "order.total",
            "name",
            "token.kind",
            "input_tokens",
            "cookie.count",
            "",
            ".",
            "en",
            "_",
            "[]",
            "pass.word",
            "passwort",
            "tokené",
        ];
        for key in open {
            assert!(!is_private(key), "{key}");
        }
    }
}
