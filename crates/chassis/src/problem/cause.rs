//! What the log may say of why something failed: everything but other people's data.

use std::error::Error;

use sqlx::error::DatabaseError;

/// SQLSTATE classes whose messages repeat values: data exceptions (`invalid input syntax for type integer: "..."`), and what
/// the database's own functions raise. In all others names of tables, columns and constraints stand at most; the values are
/// in the server's details, which nobody shows.
const WITH_VALUES: [&str; 2] = ["22", "P0"];

/// The causes one after another, each in its own words where those cannot have a value in them.
pub(crate) fn told(first: Option<&(dyn Error + 'static)>) -> String {
    let mut told = String::new();
    let mut next = first;
    while let Some(error) = next {
        if !told.is_empty() {
            told.push_str(": ");
        }
        if let Some(refused) = repeats_a_value(error) {
            told.push_str("the database refused a value, SQLSTATE ");
            told.push_str(&refused.code().unwrap_or_default());
            // What comes after it says the same in the same words.
            return told;
        }
        told.push_str(&without_query(error));
        next = error.source();
    }
    told
}

fn repeats_a_value<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e dyn DatabaseError> {
    let refused = error.downcast_ref::<sqlx::Error>()?.as_database_error()?;
    let code = refused.code().unwrap_or_default();
    WITH_VALUES.iter().any(|class| code.starts_with(class)).then_some(refused)
}

/// A client's error names the whole URL; what stands behind its path may be a token.
fn without_query(error: &(dyn Error + 'static)) -> String {
    let text = error.to_string();
    let url = match error.downcast_ref::<reqwest::Error>() {
        Some(error) => error.url(),
        None => error.downcast_ref::<reqwest_middleware::Error>().and_then(reqwest_middleware::Error::url),
    };
    let Some(url) = url.filter(|url| url.query().is_some() || url.fragment().is_some()) else { return text };
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    text.replace(url.as_str(), shown.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn causes_follow_one_another() {
        assert_eq!(told(Some(&Outer(std::io::Error::other("inner")))), "outer: inner");
        assert_eq!(told(None), "");
    }

    #[test]
    fn a_urls_query_is_left_out() {
        let client = reqwest::Client::new();
        let error = client.get("no URL").build().expect_err("no URL");
        let error = error.with_url("http://host/path?token=canary#canary".parse().expect("a URL"));
        let told = told(Some(&error));
        assert!(told.contains("http://host/path") && !told.contains("canary"), "{told}");
    }
}
