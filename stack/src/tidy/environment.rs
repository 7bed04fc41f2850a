//! The environment is read where settings are: in files named config.rs, and below folders named config.
//!
//! Tests and build scripts may read it, as what cargo sets for them is no setting.

use super::sources::ending;
use std::path::Path;

/// How it is read.
const READING: [&str; 4] = ["env::var(", "env::var_os(", "env::vars(", "env::vars_os("];

/// Every place where it is read and should not be.
pub fn check(root: &Path) -> Vec<String> {
    let elsewhere = |path: &str| {
        let of_tests = path.split('/').any(|folder| folder == "tests") || path.ends_with("build.rs");
        !of_tests && !is_of_settings(path)
    };
    let sources = ending(root, ".rs").into_iter().filter(|source| elsewhere(&source.name));
    let reads = |text: &str| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines
            .any(|line| READING.iter().any(|reading| line.contains(reading) && !line.contains(&format!("\"{reading}"))))
    };
    sources.filter(|source| reads(&source.text)).map(|source| format!("{} reads it", source.name)).collect()
}

/// Whether this is a place where the environment may be read.
pub fn is_of_settings(path: &str) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    name == "config.rs" || folders.contains(&"config")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn a_file_of_another_name_may_not_read_it() {
        let reading = "let path = std::env::var(\"PATH\");";
        let root = checkout(&[
            ("src/config.rs", reading),
            ("src/config/env.rs", reading),
            ("src/process.rs", reading),
            ("src/prose.rs", "// std::env::var(\"PATH\") is not called here."),
            ("src/tested.rs", &format!("#[cfg(test)]\nmod tests {{ {reading} }}")),
            ("tests/it/main.rs", reading),
            ("build.rs", reading),
        ]);
        assert_eq!(check(root.path()), ["src/process.rs reads it"]);
    }
}
