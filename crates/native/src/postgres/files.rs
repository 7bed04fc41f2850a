//! The files of a cluster: made when missing, mended after a crash.

use super::prepared::{PreparedCluster, SUPERUSER};
use crate::process::{Identity, Signal, Spec, run_to_end};
use crate::{Error, Result, secret, state};
use nix::unistd::{Gid, Uid, chown, geteuid};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// Present in every cluster; its content is the major version.
const VERSION_FILE: &str = "PG_VERSION";
/// A server of ours that outlived its supervisor finishes its checkpoint in this time.
const LEFTOVER_LIMIT: Duration = Duration::from_secs(20);
/// After that it need not write anything: recovery at the next start does.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(5);
/// pg_hba.conf: a password and 127.0.0.1, nothing else.
const ACCESS_RULES: &str = "host all all 127.0.0.1/32 scram-sha-256\n";
/// The locale of the cluster: UTF-8 and the same order everywhere; glibc 2.35 and Debian have the first.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

impl PreparedCluster {
    /// Makes the cluster when it is missing; refuses one of another major version.
    pub(super) fn make(&self) -> Result<()> {
        let data = self.data();
        if let Ok(version) = fs::read_to_string(data.join(VERSION_FILE)) {
            return self.check_version(version.trim());
        }
        // Without PG_VERSION it is what an interrupted initdb left.
        if data.exists() {
            fs::remove_dir_all(&data).map_err(Error::file("remove", &data))?;
        }
        fs::create_dir(&data).map_err(Error::file("create", &data))?;
        self.give_to_server(&data)?;
        self.check_reachable(&data)?;
        let password_file = self.home().join("initdb.password");
        secret::write(&password_file, &format!("{}\n", self.superuser_password()))?;
        self.give_to_server(&password_file)?;
        let made = self.initdb(&password_file);
        let _ = fs::remove_file(&password_file);
        made?;
        let rules = data.join("pg_hba.conf");
        fs::write(&rules, ACCESS_RULES).map_err(Error::file("write", &rules))
    }

    fn initdb(&self, password_file: &Path) -> Result<()> {
        let mut last = Ok(());
        for locale in LOCALES {
            let mut spec = Spec::new("initdb", &self.binaries().initdb).args([
                format!("--pgdata={}", self.data().display()),
                format!("--username={SUPERUSER}"),
                format!("--pwfile={}", password_file.display()),
                format!("--locale={locale}"),
                "--encoding=UTF8".into(),
                "--auth=scram-sha-256".into(),
            ]);
            if !self.is_durable() {
                spec = spec.args(["--no-sync"]);
            }
            last = run_to_end(&self.as_server(spec), "").map(drop);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn check_version(&self, version: &str) -> Result<()> {
        if version == self.binaries().major.to_string() {
            return Ok(());
        }
        Err(Error::Unusable(format!(
            "the data in {} were written by PostgreSQL {version}, installed is {}: install that version, or delete the data",
            self.data().display(),
            self.binaries().major
        )))
    }

    fn give_to_server(&self, path: &Path) -> Result<()> {
        let Some(user) = self.user() else { return Ok(()) };
        chown(path, Some(Uid::from_raw(user.uid)), Some(Gid::from_raw(user.gid)))
            .map_err(|error| Error::file("give away", path)(error.into()))
    }

    fn check_reachable(&self, data: &Path) -> Result<()> {
        match data.parent().and_then(state::closed_to_others) {
            Some(closed) if self.user().is_some() => Err(Error::Unusable(format!(
                "PostgreSQL runs as another user here and cannot reach {}: {} is closed to others",
                data.display(),
                closed.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Ends a server that outlived its supervisor, and removes a postmaster.pid whose pid another process has by now:
    /// PostgreSQL refuses to start then. Of a pid that nobody has it removes the file itself; we leave it, because a
    /// server that we cannot see, in another container on the same files, would lose its lock.
    pub(super) fn recover(&self) -> Result<()> {
        let lock = self.data().join("postmaster.pid");
        let Ok(content) = fs::read_to_string(&lock) else { return Ok(()) };
        let owner = content.lines().next().and_then(|line| line.trim().parse().ok());
        let Some(owner) = owner.and_then(Identity::of) else { return Ok(()) };
        if self.serves_these_files(owner.pid) {
            if owner.end_with_group(&[(Signal::SIGINT, LEFTOVER_LIMIT), (Signal::SIGQUIT, IMMEDIATE_LIMIT)]) {
                return Ok(());
            }
            return Err(Error::Unusable(format!("an earlier PostgreSQL (pid {}) does not end", owner.pid)));
        }
        match fs::remove_file(&lock) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("remove", lock)(error)),
            _ => Ok(()),
        }
    }

    /// A server's working directory is its data directory.
    fn serves_these_files(&self, pid: u32) -> bool {
        let directory = fs::metadata(format!("/proc/{pid}/cwd"));
        match (directory, fs::metadata(self.data())) {
            (Ok(theirs), Ok(ours)) => (theirs.dev(), theirs.ino()) == (ours.dev(), ours.ino()),
            _ => false,
        }
    }
}

/// Whether servers need a user of their own: PostgreSQL refuses to run as root.
pub(super) fn needs_own_user() -> bool {
    geteuid().is_root()
}
