//! docs/TELEMETRY.md has every field that a service's log record may have, and no others: held against the sources, because
//! most of them are about failures that a running chain does not have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::{names, path, read, rows};

const DOCUMENT: &str = "docs/TELEMETRY.md";
/// What a service's process is made of.
const SOURCES: [&str; 5] =
    ["crates/chassis/src", "crates/telemetry/src", "services/user/src", "services/order/src", "services/audit/src"];
const LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

#[test]
fn every_field_of_a_log_record_is_documented() {
    let documented: BTreeSet<String> =
        rows(&read(DOCUMENT), "### Fields of log records").iter().flat_map(|row| names(&row[0])).collect();
    let mut used = BTreeSet::new();
    for file in SOURCES.iter().flat_map(|folder| rust_files(&path(folder))) {
        let text = fs::read_to_string(&file).expect("a source");
        used.extend(records(&text).flat_map(fields));
    }
    assert_eq!(documented, used, "{DOCUMENT} on the left, the sources on the right");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| match path.is_dir() {
        true => rust_files(&path),
        false => vec![path],
    };
    entries.flat_map(of).filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// What stands between the parentheses of each `tracing::warn!(...)` and the like, up to the message.
fn records(text: &str) -> impl Iterator<Item = &str> {
    let begins = LEVELS.iter().flat_map(move |level| {
        let call = format!("tracing::{level}!(");
        text.match_indices(&call).map(|(at, call)| at + call.len()).collect::<Vec<_>>()
    });
    begins.map(|begin| {
        let rest = &text[begin..];
        &rest[..rest.find('"').expect("every record has a message")]
    })
}

/// The names of `name = value`, `%name`, `?name` and `name`.
fn fields(arguments: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let pieces = arguments.split(|c: char| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    let name = |piece: &str| {
        let name = piece.split(" = ").next().unwrap_or_default();
        name.trim().trim_start_matches(['%', '?']).to_owned()
    };
    pieces.map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn fields_are_read_in_all_their_forms() {
    let call = "tracing::warn!(code, %error, count = list(a, b).len(), \"failed\")";
    assert_eq!(records(call).flat_map(fields).collect::<Vec<_>>(), ["code", "error", "count"]);
}
