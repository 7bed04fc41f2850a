//! Go: where it is, whether it is new enough, and the settings that everything is built with.

use crate::failure::Failure;
use native::process::{Spec, run_to_end};
use native::programs;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a Go that is new enough comes from; Debian's package `golang` is older.
const ADVICE: &str = "install it from https://go.dev/dl and put its bin folder into PATH";
/// From this version on, Go fetches the version that a module asks for, unless GOTOOLCHAIN is `local` (go.dev/doc/toolchain).
const FETCHES_ITSELF: Version = Version(1, 21, 0);

/// A version of Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    /// Reads `go1.26.8`, and what comes before a candidate's or a distribution's own words.
    fn parse(text: &str) -> Option<Self> {
        let numbers = text.trim().strip_prefix("go")?;
        let end = numbers.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(numbers.len());
        let mut parts = numbers.get(..end)?.split('.').map(|part| part.parse().ok());
        Some(Self(parts.next()??, parts.next()??, parts.next().flatten().unwrap_or_default()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A Go on this machine.
#[derive(Debug, Clone)]
pub struct Go {
    program: PathBuf,
    version: Version,
    fetches: bool,
}

impl Go {
    /// The Go in PATH; `needed` is for the advice when there is none.
    pub fn find(needed: Version) -> Result<Self, Failure> {
        let program = programs::find("go").map_err(|_| {
            Failure::cannot(format!("Go is not in PATH; Go {needed} or newer builds the backends: {ADVICE}"))
        })?;
        let told = run_to_end(&spec("go", &program).args(["env", "GOVERSION", "GOTOOLCHAIN"]), "")
            .map_err(|error| Failure::cannot(error.to_string()))?;
        let mut lines = told.lines();
        let version = lines.next().and_then(Version::parse).ok_or_else(|| {
            Failure::cannot(format!("{} does not tell its version; Go {needed} is needed: {ADVICE}", program.display()))
        })?;
        let toolchain = lines.next().unwrap_or_default().trim();
        let fetches = version >= FETCHES_ITSELF && (toolchain == "auto" || toolchain.ends_with("+auto"));
        Ok(Self { program, version, fetches })
    }

    /// Whether this Go builds what needs that version, by itself or by fetching a newer one; the error says what to do.
    pub fn suffices(&self, needed: Version) -> Result<(), String> {
        if self.version >= needed || self.fetches {
            return Ok(());
        }
        let found = format!("Go {} ({}) is too old, {needed} is needed", self.version, self.program.display());
        Err(if self.version >= FETCHES_ITSELF {
            format!("{found}: set GOTOOLCHAIN=auto, and it fetches that one itself, or {ADVICE}")
        } else {
            format!("{found}: {ADVICE}")
        })
    }

    /// A command of Go in a folder of ours.
    pub fn command(&self, folder: &Path) -> Spec {
        let mut spec = spec("go", &self.program);
        spec.directory = Some(folder.to_path_buf());
        spec
    }
}

/// The same build for everybody: what a shell says about modules, targets or C is left out. GOPROXY, GOSUMDB, GOTOOLCHAIN
/// and the caches stay the user's.
fn spec(name: &str, program: &Path) -> Spec {
    let mut spec = Spec::new(name, program)
        // A workspace file above the cache folder would be ours to obey.
        .env("GOWORK", "off")
        .env("GO111MODULE", "on")
        // Without C: no compiler is needed, and what the programs share is compiled once.
        .env("CGO_ENABLED", "0");
    spec.env.extend(["GOFLAGS", "GOOS", "GOARCH"].map(|name| (name.to_owned(), None)));
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_go_prints_them() {
        assert_eq!(Version::parse("go1.26.8"), Some(Version(1, 26, 8)));
        assert_eq!(Version::parse("go1.25"), Some(Version(1, 25, 0)));
        assert_eq!(Version::parse("go1.27rc1\n"), Some(Version(1, 27, 0)));
        assert_eq!(Version::parse("go1.24.4-X:nodwarf5"), Some(Version(1, 24, 4)));
        assert_eq!(Version::parse("devel"), None);
    }

    #[test]
    fn a_go_that_fetches_newer_ones_suffices_and_one_that_may_not_is_told_how() {
        let go = |version, fetches| Go { program: "/usr/bin/go".into(), version, fetches };
        let needed = Version(1, 25, 8);
        assert!(go(Version(1, 25, 8), false).suffices(needed).is_ok());
        assert!(go(Version(1, 22, 0), true).suffices(needed).is_ok());
        let told = go(Version(1, 22, 0), false).suffices(needed).unwrap_err();
        assert!(told.contains("GOTOOLCHAIN=auto") && told.contains("1.25.8"), "{told}");
        let old = go(Version(1, 19, 8), false).suffices(needed).unwrap_err();
        assert!(!old.contains("GOTOOLCHAIN") && old.contains("https://go.dev/dl"), "{old}");
    }
}
