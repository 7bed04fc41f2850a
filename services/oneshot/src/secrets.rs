//! The passwords of a stack: made once, each readable only for whom it is.
//!
//! | file | what it is |
//! |---|---|
//! | `postgres/superuser-password` | for the first start of an empty cluster |
//! | `postgres/pgpass` | the same for psql |
//! | `postgres/roles.psql` | every role's password, as migrations/bootstrap.sql names them |
//! | `<service>-service/database-password` | the role that the service runs as |
//! | `<service>-service/migration-password` | the role that owns its schema |
//! | `grafana/admin-password` | for the user `admin` |
//!
//! A file that is there stays; the two that only repeat others are written again each time. So a run that was interrupted is
//! made good by the next one, and a new service gets its own beside the old ones.

use crate::owner::{FileError, Owned, Owner};
use crate::random;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

/// Only its owner reads it, and nobody writes it.
const FILE_MODE: u32 = 0o400;
/// Only its owner sees what is in it.
const FOLDER_MODE: u32 = 0o700;

/// The name of PostgreSQL's superuser, who makes database and roles.
const SUPERUSER: &str = "postgres";

/// Where the secrets are and who reads them.
pub struct Secrets {
    /// The folder that has one folder for each reader.
    pub folder: PathBuf,
    /// Who PostgreSQL runs as.
    pub postgres: Owner,
    /// Who Grafana runs as.
    pub grafana: Owner,
    /// Each service that has a schema, and who it runs as.
    pub services: Vec<Owned>,
}

impl Secrets {
    /// Makes what is missing; says how many that were.
    pub fn make(&self) -> Result<usize, FileError> {
        let mut made = 0;
        let postgres = self.folder.join("postgres");
        create(&postgres)?;
        let superuser = keep(&postgres.join("superuser-password"), &mut made)?;
        replace(&postgres.join("pgpass"), &format!("*:*:*:{SUPERUSER}:{superuser}\n"))?;
        let mut roles = String::new();
        for Owned { name, owner } in &self.services {
            let folder = self.folder.join(format!("{name}-service"));
            create(&folder)?;
            for (file, role) in [("database-password", "service"), ("migration-password", "owner")] {
                let password = keep(&folder.join(file), &mut made)?;
                // Writing to a String cannot fail.
                let _ = writeln!(roles, "\\set {name}_{role}_password '{password}'");
            }
            give(&folder, *owner)?;
        }
        replace(&postgres.join("roles.psql"), &roles)?;
        give(&postgres, self.postgres)?;
        let grafana = self.folder.join("grafana");
        create(&grafana)?;
        keep(&grafana.join("admin-password"), &mut made)?;
        give(&grafana, self.grafana)?;
        Ok(made)
    }
}

/// One secret by its path below the folder.
pub fn show(folder: &Path, name: &str) -> Result<String, FileError> {
    let path = folder.join(name);
    if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(FileError::at(&path)(io::Error::new(ErrorKind::InvalidInput, "is outside of the secrets")));
    }
    fs::read_to_string(&path).map(|secret| secret.trim_end().to_owned()).map_err(FileError::at(&path))
}

fn create(folder: &Path) -> Result<(), FileError> {
    fs::create_dir_all(folder).map_err(FileError::at(folder))
}

/// The password in the file; a fresh one where there is none.
fn keep(path: &Path, made: &mut usize) -> Result<String, FileError> {
    match fs::read_to_string(path) {
        Ok(password) if !password.trim().is_empty() => return Ok(password.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(FileError::at(path)(error)),
    }
    let password = random::password()?;
    replace(path, &password)?;
    *made += 1;
    Ok(password)
}

/// Writes the file whole or not at all.
fn replace(path: &Path, content: &str) -> Result<(), FileError> {
    let partial = path.with_extension("partial");
    // A leftover of an interrupted run would keep its own owner.
    let _ = fs::remove_file(&partial);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(&partial)
        .and_then(|mut file| file.write_all(content.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&partial, path))
        .map_err(FileError::at(path))
}

/// The folder with everything in it becomes its reader's.
fn give(folder: &Path, owner: Owner) -> Result<(), FileError> {
    let entries = fs::read_dir(folder).map_err(FileError::at(folder))?;
    for entry in entries {
        owner.take(&entry.map_err(FileError::at(folder))?.path(), FILE_MODE)?;
    }
    owner.take(folder, FOLDER_MODE)
}
