//! One version of each library that spans, queries and requests go through.

use std::collections::BTreeMap;
use std::path::Path;

/// Two versions of one of these do not see each other's context, pools or types.
const ONCE: [&str; 11] = [
    "actix-http",
    "actix-web",
    "opentelemetry",
    "opentelemetry-http",
    "opentelemetry-otlp",
    "opentelemetry-proto",
    "opentelemetry_sdk",
    "reqwest",
    "sqlx",
    "sqlx-core",
    "tokio",
];

/// Every one of them that is in Cargo.lock more than once.
pub fn check(root: &Path) -> Vec<String> {
    let Ok(lock) = std::fs::read_to_string(root.join("Cargo.lock")) else {
        return vec!["Cargo.lock cannot be read".into()];
    };
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]") {
        if let (Some(name), Some(version)) = (value(package, "name"), value(package, "version")) {
            versions.entry(name).or_default().push(version);
        }
    }
    let twice = ONCE.iter().filter_map(|name| Some((name, versions.get(name).filter(|found| found.len() > 1)?)));
    twice.map(|(name, found)| format!("{name}: {}", found.join(", "))).collect()
}

fn value<'a>(package: &'a str, key: &str) -> Option<&'a str> {
    let prefix = format!("{key} = \"");
    package.lines().find_map(|line| line.strip_prefix(&prefix)?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn a_second_version_is_named_and_other_crates_are_free() {
        let package = |name, version| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let lock =
            [("reqwest", "0.12.1"), ("reqwest", "0.13.5"), ("sha2", "0.10.0"), ("sha2", "0.11.0"), ("sqlx", "0.9.0")];
        let lock: String = lock.map(|(name, version)| package(name, version)).concat();
        let root = checkout(&[("Cargo.lock", &lock)]);
        assert_eq!(check(root.path()), ["reqwest: 0.12.1, 0.13.5"]);
    }
}
