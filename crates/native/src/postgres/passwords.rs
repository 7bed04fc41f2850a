//! The passwords of the chain's roles.

use crate::{Error, Result, secret};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// An owner role, which migrates, and a runtime role for each service that has a schema.
pub const ROLES: [&str; 6] =
    ["user_owner", "user_service", "order_owner", "order_service", "audit_owner", "audit_service"];

/// A password for each of [`ROLES`].
#[derive(Clone, PartialEq, Eq)]
pub struct Passwords(BTreeMap<String, String>);

impl Passwords {
    /// Fresh ones.
    pub fn generate() -> Result<Self> {
        ROLES.iter().map(|role| Ok(((*role).to_owned(), secret::generate()?))).collect::<Result<_>>().map(Self)
    }

    /// Those kept in a file of mode 0600, made when it is missing.
    pub fn load_or_generate(path: &Path) -> Result<Self> {
        let known = match fs::read_to_string(path) {
            Ok(text) => parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Error::file("read", path)(error)),
        };
        let mut passwords = Self::generate()?;
        passwords.0.extend(known);
        let lines: String = passwords.0.iter().map(|(role, password)| format!("{role}={password}\n")).collect();
        secret::write(path, &lines)?;
        Ok(passwords)
    }

    /// The password of a role; empty for a role that is none of [`ROLES`].
    #[must_use]
    pub fn of(&self, role: &str) -> &str {
        self.0.get(role).map_or("", String::as_str)
    }

    /// `USER_OWNER_PASSWORD` and so on, as bootstrap.sql reads them.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let variable = |role: &str| format!("{}_PASSWORD", role.to_ascii_uppercase());
        self.0.iter().map(|(role, password)| (variable(role), password.clone())).collect()
    }
}

fn parse(text: &str) -> BTreeMap<String, String> {
    let entries = text.lines().filter_map(|line| line.split_once('='));
    entries
        .filter(|(role, password)| ROLES.contains(role) && !password.is_empty())
        .map(|(role, password)| (role.to_owned(), password.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn passwords_are_made_once_and_only_their_owner_reads_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passwords");
        let made = Passwords::load_or_generate(&path).unwrap();
        let found = Passwords::load_or_generate(&path).unwrap();
        assert!(made == found, "the second start must know the first one's passwords");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(made.of("user_owner"), made.of("user_service"));
    }

    #[test]
    fn the_variables_are_those_of_bootstrap_sql() {
        let names: Vec<String> =
            Passwords::generate().unwrap().environment().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"AUDIT_SERVICE_PASSWORD".to_owned()), "{names:?}");
        assert_eq!(names.len(), ROLES.len());
    }
}
