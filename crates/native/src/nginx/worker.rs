//! The user nginx's workers run as when the master is root.

use crate::{Error, Result, state};
use nix::unistd::{Group, User, geteuid};
use std::path::Path;

/// Unprivileged users in the order they are looked for: Debian's for web servers, nginx.org's, everybody's.
const CANDIDATES: [&str; 3] = ["www-data", "nginx", "nobody"];

/// The `user` directive: nothing for an ordinary user, whose workers run as himself.
pub(super) fn user_directive() -> Result<String> {
    if !geteuid().is_root() {
        return Ok(String::new());
    }
    let user = CANDIDATES.iter().find_map(|name| User::from_name(name).ok().flatten());
    let user = user.ok_or_else(|| Error::Unusable(format!("no system user for nginx among {CANDIDATES:?}")))?;
    let group = Group::from_gid(user.gid).ok().flatten();
    let group = group.ok_or_else(|| Error::Unusable(format!("the group of system user {} has no name", user.name)))?;
    Ok(format!("user {} {};", user.name, group.name))
}

/// Workers of another user reopen the access log by its path, so they must be able to get there.
pub(super) fn must_reach(directory: &Path) -> Result<()> {
    match state::closed_to_others(directory).filter(|_| geteuid().is_root()) {
        None => Ok(()),
        Some(closed) => {
            let (directory, closed) = (directory.display(), closed.display());
            Err(Error::Unusable(format!("nginx's workers cannot reach {directory}: {closed} is closed to others")))
        }
    }
}
