//! docs/SETTINGS.md has every setting, and only those.
//!
//! A setting is a string literal of capitals, digits and underscores in a file named config.rs or below a folder named
//! config, outside of tests, or has its default in a line `: "${NAME:=default}"` of a shell script. In the document it is in the first cell of a table's row, in backticks; there may be several.

use super::environment::is_of_settings;
use super::sources::ending;
use std::collections::BTreeSet;
use std::path::Path;

const DOCUMENT: &str = "docs/SETTINGS.md";
/// Set by the shell for every program; nobody sets them for us.
const OF_THE_SHELL: [&str; 3] = ["COLUMNS", "HOME", "PATH"];
/// What cargo sets begins so.
const OF_CARGO: &str = "CARGO";

/// Every setting that only one side has.
pub fn check(root: &Path) -> Vec<String> {
    let documented: BTreeSet<String> = match std::fs::read_to_string(root.join(DOCUMENT)) {
        Ok(text) => text.lines().flat_map(first_cell).map(str::to_owned).collect(),
        Err(_) => return vec![format!("{DOCUMENT} is missing")],
    };
    let mut problems = Vec::new();
    let mut read = BTreeSet::new();
    let programs = ending(root, ".rs").into_iter().filter(|source| reads_settings(&source.name));
    for source in programs.chain(ending(root, ".sh")) {
        for name in literals(&source.text).chain(shell_defaults(&source.text)) {
            if !documented.contains(name) && !read.contains(name) {
                problems.push(format!("{name} ({}) is not in {DOCUMENT}", source.name));
            }
            read.insert(name.to_owned());
        }
    }
    problems.extend(documented.difference(&read).map(|name| format!("{name} ({DOCUMENT}) is in no config.rs")));
    problems
}

/// Tests in a file of their own name settings too, and right ones.
fn reads_settings(path: &str) -> bool {
    is_of_settings(path) && !path.ends_with("/tests.rs")
}

/// The settings of a table's row.
fn first_cell(line: &str) -> impl Iterator<Item = &str> {
    let cell = line.trim_start().strip_prefix('|').and_then(|row| row.split('|').next()).unwrap_or_default();
    cell.split('`').skip(1).step_by(2).filter(|name| is_setting(name))
}

/// The literals of the code that are settings; `value_name = "ADDRESS"` is only a word in a help text.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        let pieces: Vec<&str> = line.split('"').collect();
        let quoted = pieces.chunks_exact(2).filter(|pair| !pair[0].trim_end().ends_with("value_name ="));
        quoted.map(|pair| pair[1]).collect::<Vec<_>>()
    })
    .filter(|literal| is_setting(literal) && !OF_THE_SHELL.contains(literal) && !literal.starts_with(OF_CARGO))
}

/// The variables that a shell script gives a default.
fn shell_defaults(source: &str) -> impl Iterator<Item = &str> {
    let set = source.lines().filter_map(|line| line.strip_prefix(": \"${")?.split_once(":="));
    set.map(|(name, _)| name).filter(|name| is_setting(name))
}

fn is_setting(name: &str) -> bool {
    let mut characters = name.chars();
    name.len() > 2
        && characters.next().is_some_and(|c| c.is_ascii_uppercase())
        && characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn both_sides_must_have_every_setting() {
        let source = "// \"IN_A_COMMENT\"\nlet a = get(\"LISTEN\"); get(\"UNDOCUMENTED\"); get(\"PATH\"); \"lower\"; value_name = \"WORD\";\n#[cfg(test)]\nget(\"IN_A_TEST\");";
        let document = "| name | default |\n|---|---|\n| `LISTEN` | 127.0.0.1:5001 `IN_A_CELL` |\n| `GONE`, `LOST` | |\n`WORKERS` in prose\n";
        let root = checkout(&[("services/user/src/config.rs", source), ("docs/SETTINGS.md", document)]);
        assert_eq!(
            check(root.path()),
            [
                "UNDOCUMENTED (services/user/src/config.rs) is not in docs/SETTINGS.md",
                "GONE (docs/SETTINGS.md) is in no config.rs",
                "LOST (docs/SETTINGS.md) is in no config.rs"
            ]
        );
    }

    #[test]
    fn what_a_shell_script_gives_a_default_is_a_setting() {
        let script = "#!/bin/sh\n: \"${IN_A_SCRIPT:=8080}\"\n: \"${NOWHERE:=}\"\nOWN=\"$PATH\"\n";
        let root = checkout(&[("gateway/nginx/start.sh", script), ("docs/SETTINGS.md", "| `IN_A_SCRIPT` |")]);
        assert_eq!(check(root.path()), ["NOWHERE (gateway/nginx/start.sh) is not in docs/SETTINGS.md"]);
    }

    #[test]
    fn a_folder_named_config_is_read_like_a_file_of_that_name() {
        let root = checkout(&[
            ("crates/telemetry/src/config/names.rs", "\"IN_A_FOLDER\""),
            ("crates/telemetry/src/config/tests.rs", "\"IN_TESTS\""),
            ("crates/telemetry/src/elsewhere.rs", "\"ELSEWHERE\""),
            ("docs/SETTINGS.md", "| `DOCUMENTED` |"),
        ]);
        assert_eq!(
            check(root.path()),
            [
                "IN_A_FOLDER (crates/telemetry/src/config/names.rs) is not in docs/SETTINGS.md",
                "DOCUMENTED (docs/SETTINGS.md) is in no config.rs"
            ]
        );
    }
}
