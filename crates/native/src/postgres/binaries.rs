//! The programs of PostgreSQL on this machine.

use crate::process::{Spec, run_to_end};
use crate::programs::{find, is_executable};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where Debian keeps the servers, a directory for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The versions this project is tested with; a newer one is taken when there is no other.
const SUPPORTED: std::ops::RangeInclusive<u32> = 15..=18;

/// `initdb`, `postgres` and `psql` of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Makes a cluster.
    pub initdb: PathBuf,
    /// The server.
    pub postgres: PathBuf,
    /// The client; of the same installation where it has one.
    pub psql: PathBuf,
    /// The server's major version.
    pub major: u32,
}

impl Binaries {
    /// The newest supported installation of the Debian packages, else what PATH has.
    pub fn find() -> Result<Self> {
        Self::find_below(Path::new(DEBIAN)).map_or_else(Self::in_path, Ok)
    }

    fn find_below(root: &Path) -> Option<Self> {
        let mut versions: Vec<u32> = fs::read_dir(root)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|major| SUPPORTED.contains(major))
            .collect();
        versions.sort_unstable();
        versions.into_iter().rev().find_map(|major| {
            let directory = root.join(major.to_string()).join("bin");
            let program = |name: &str| Some(directory.join(name)).filter(|path| is_executable(path));
            let psql = program("psql").or_else(|| find("psql").ok())?;
            Some(Self { initdb: program("initdb")?, postgres: program("postgres")?, psql, major })
        })
    }

    fn in_path() -> Result<Self> {
        let (initdb, postgres, psql) = (find("initdb")?, find("postgres")?, find("psql")?);
        let version = run_to_end(&Spec::new("postgres", &postgres).args(["--version"]), "")?;
        let major = parse_major(&version);
        match major {
            Some(major) if major >= *SUPPORTED.start() => Ok(Self { initdb, postgres, psql, major }),
            _ => Err(Error::Unusable(format!(
                "{} is {}; PostgreSQL {} to {} is needed",
                postgres.display(),
                version.trim(),
                SUPPORTED.start(),
                SUPPORTED.end()
            ))),
        }
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian ...)`, `postgres (PostgreSQL) 19beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_newest_supported_and_whole_installation_is_taken() {
        let root = tempfile::tempdir().unwrap();
        for (version, programs) in [("9", 3), ("15", 3), ("16", 3), ("17", 1), ("99", 3)] {
            let bin = root.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for name in ["initdb", "postgres", "psql"].into_iter().take(programs) {
                fs::write(bin.join(name), "").unwrap();
                fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        assert_eq!(Binaries::find_below(root.path()).unwrap().major, 16);
        assert_eq!(Binaries::find_below(&root.path().join("none")), None);
    }

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(parse_major("nothing"), None);
    }
}
