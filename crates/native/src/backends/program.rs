//! Where the program of each backend is on this machine.

use super::cache::cache_directory;
use super::files::BUILDER;
use super::versions::{self, Version, version_in};
use crate::programs::{find, is_executable};
use crate::{Error, Result, config, state};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that a backend needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// The OpenTelemetry Collector.
    Collector,
    /// Prometheus.
    Prometheus,
    /// What checks Prometheus' files.
    Promtool,
    /// Loki.
    Loki,
    /// Tempo.
    Tempo,
}

impl Program {
    /// All of them, in the order in which they are built.
    pub const ALL: [Self; 5] = [Self::Collector, Self::Prometheus, Self::Promtool, Self::Loki, Self::Tempo];

    /// The name of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Collector => "otelcol",
            Self::Prometheus => "prometheus",
            Self::Promtool => "promtool",
            Self::Loki => "loki",
            Self::Tempo => "tempo",
        }
    }

    /// The variable that says where it is.
    #[must_use]
    pub fn variable(self) -> &'static str {
        config::binary_variable(self)
    }

    /// How it is to be had, for who lacks it.
    #[must_use]
    pub fn cure(self) -> &'static str {
        match self {
            Self::Tempo => "TEMPO_BIN or PATH",
            _ => "cargo stack install-backends",
        }
    }

    /// Where `cargo stack install-backends` puts it, below [`cache_directory`]; `None` for what it does not build.
    pub fn cached(self) -> Result<Option<PathBuf>> {
        let folder = match self {
            // With other components it is another program.
            Self::Collector => format!("otelcol-{}-{}", versions::COLLECTOR, state::short_hash(BUILDER)),
            Self::Prometheus | Self::Promtool => format!("prometheus-{}", versions::PROMETHEUS),
            Self::Loki => format!("loki-{}", versions::LOKI),
            Self::Tempo => return Ok(None),
        };
        Ok(Some(cache_directory()?.join("backends").join(folder).join(self.name())))
    }

    /// Its variable, else the one that was built, else the one in PATH that is new enough.
    pub fn find(self) -> Result<PathBuf> {
        if let Some(given) = config::binary(self) {
            let variable = self.variable();
            let wrong = || Error::Unusable(format!("{variable}: {} is no program", given.display()));
            return is_executable(&given).then_some(given.clone()).ok_or_else(wrong);
        }
        let mut looked_in = vec![self.variable().to_owned()];
        if let Some(cached) = self.cached()? {
            if is_executable(&cached) {
                return Ok(cached);
            }
            looked_in.push(cached.display().to_string());
        }
        match find(self.name_in_path()) {
            Ok(found) if !self.is_too_old(&found) => return Ok(found),
            Ok(found) => looked_in.push(format!("{}, which is too old", found.display())),
            Err(_) => looked_in.push("PATH".into()),
        }
        let (program, looked_in) = (self.name().into(), looked_in.join(", "));
        Err(Error::NotInstalled { program, looked_in, cure: self.cure() })
    }

    /// Whoever installs the distribution that has all components gets it by this name.
    fn name_in_path(self) -> &'static str {
        if self == Self::Collector { "otelcol-contrib" } else { self.name() }
    }

    fn oldest(self) -> Version {
        match self {
            Self::Collector => versions::OLDEST_COLLECTOR,
            Self::Prometheus | Self::Promtool => versions::OLDEST_PROMETHEUS,
            Self::Loki => versions::OLDEST_LOKI,
            Self::Tempo => versions::OLDEST_TEMPO,
        }
    }

    /// The version that the program of this path says it has, as `3.14.0`; `None` when it says none.
    #[must_use]
    pub fn version_at(path: &Path) -> Option<String> {
        said_version(path).map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"))
    }

    /// Whether it says that it is older than what the files are written for.
    fn is_too_old(self, path: &Path) -> bool {
        said_version(path).is_some_and(|version| version < self.oldest())
    }
}

fn said_version(path: &Path) -> Option<Version> {
    let printed = Command::new(path).arg("--version").output();
    // Some print it to standard error.
    let printed = printed.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    version_in(&String::from_utf8_lossy(&printed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_program_that_says_that_it_is_older_is_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let says = |name: &str, words: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\necho '{words}' >&2\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        assert!(Program::Prometheus.is_too_old(&says("debian", "prometheus, version 2.42.0+ds (branch: x)")));
        assert!(!Program::Prometheus.is_too_old(&says("new", "prometheus, version 3.14.0 (branch: x)")));
        assert!(!Program::Prometheus.is_too_old(&says("silent", "prometheus, version  (branch: )")));
    }

    #[test]
    fn a_collector_with_other_components_is_another_program() {
        let cached = Program::Collector.cached().unwrap().unwrap();
        assert!(cached.to_string_lossy().contains(&state::short_hash(BUILDER)), "{}", cached.display());
        assert_ne!(state::short_hash(BUILDER), state::short_hash("other components"));
        assert_eq!(Program::Tempo.cached().unwrap(), None);
    }
}
