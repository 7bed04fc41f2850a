//! OpenTelemetry's own crates are behind `telemetry`: one place changes when they do.

use super::sources::ending;
use std::path::Path;

/// The one crate that may name them.
const TELEMETRY: &str = "crates/telemetry/Cargo.toml";
/// The reference that our own OTLP is compared with, in tests only.
const REFERENCE: &str = "opentelemetry-proto";
/// What tests share: no program depends on it.
const TESTKIT: &str = "crates/testkit/Cargo.toml";

/// What we are compared with: a workspace of its own, whose versions are nobody else's.
const COMPARED: &str = "bench/usual-crates/Cargo.toml";

/// Every manifest that names one of them and must not.
pub fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    // The root's manifest only says versions.
    for manifest in ending(root, "/Cargo.toml")
        .iter()
        .filter(|manifest| !["Cargo.toml", TELEMETRY, COMPARED].contains(&manifest.name.as_str()))
    {
        let mut table = "";
        for line in manifest.text.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[') {
                table = header.trim_end_matches(']');
            }
            // Both `name = ...` in a table and a table of its own, `[dependencies.name]`.
            let named =
                if line.starts_with('[') { table.rsplit('.').next() } else { line.split(['.', ' ', '=']).next() };
            let name = named.unwrap_or_default();
            let of_tests = manifest.name == TESTKIT || manifest.name.ends_with("/fuzz/Cargo.toml");
            let only_tests = of_tests || table.contains("dev-dependencies");
            let reference_in_tests = name == REFERENCE && only_tests;
            if table.contains("dependencies") && name.starts_with("opentelemetry") && !reference_in_tests {
                problems.push(format!("{}: {name} in [{table}]", manifest.name));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn only_telemetry_and_tests_of_the_format_may() {
        let root = checkout(&[
            ("Cargo.toml", "[workspace.dependencies]\nopentelemetry = \"0.33\"\n"),
            ("crates/telemetry/Cargo.toml", "[dependencies]\nopentelemetry.workspace = true\n"),
            ("bench/usual-crates/Cargo.toml", "[dependencies]\nopentelemetry = \"0.32\"\n"),
            ("crates/testkit/Cargo.toml", "[dependencies]\nopentelemetry-proto = \"0.33\"\n"),
            (
                "crates/otlp/Cargo.toml",
                "[dependencies]\nserde_json = \"1\"\n[dev-dependencies]\nopentelemetry-proto.workspace = true\n",
            ),
            (
                "crates/chassis/Cargo.toml",
                "[dependencies]\nopentelemetry_sdk = { version = \"0.33\" }\n[dev-dependencies.opentelemetry]\n",
            ),
        ]);
        assert_eq!(
            check(root.path()),
            [
                "crates/chassis/Cargo.toml: opentelemetry_sdk in [dependencies]",
                "crates/chassis/Cargo.toml: opentelemetry in [dev-dependencies.opentelemetry]"
            ]
        );
    }
}
