//! Checks of what no compiler sees. Each takes the checkout's root and names everything that is wrong.

mod dependencies;
mod documents;
mod environment;
mod file_length;
mod links;
mod lock_versions;
mod settings;
mod sources;

use std::path::Path;

/// A check: what is so when it finds nothing.
pub type Check = (&'static str, fn(&Path) -> Vec<String>);

/// All checks.
pub const CHECKS: [Check; 7] = [
    ("Cargo.lock has one version of each of the chain's libraries", lock_versions::check),
    ("Rust source files have at most 300 lines", file_length::check),
    ("documents name only files that exist", documents::check),
    ("links between documents resolve", links::check),
    ("docs/SETTINGS.md and the config.rs files have the same settings", settings::check),
    ("the environment is read in config.rs files only", environment::check),
    ("only telemetry depends on OpenTelemetry's crates", dependencies::check),
];

/// A checkout of these files, for the checks' own tests.
#[cfg(test)]
fn checkout(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    root
}
