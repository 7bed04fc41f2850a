//! The files of a checkout, without what is built and what belongs to no one.

use std::fs;
use std::path::{Path, PathBuf};

/// Built, fetched, or not ours.
const SKIPPED: [&str; 3] = ["target", "node_modules", "vendor"];

/// A file below the root, by its path from there.
pub struct Source {
    /// From the root.
    pub name: String,
    /// As UTF-8, broken characters replaced.
    pub text: String,
}

/// All files whose name ends so, in order; with a slash before it, whose whole name is this.
pub fn ending(root: &Path, suffix: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(root, suffix, &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        Source { name, text: String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned() }
    };
    found.into_iter().map(read).collect()
}

fn collect(directory: &Path, suffix: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), suffix, found);
        } else if kind.is_file() && format!("/{name}").ends_with(suffix) {
            found.push(entry.path());
        }
    }
}
