//! Where a checkout keeps its data, logs and sockets.

use crate::{Error, Result};
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Inside the checkout, for everyone but root.
const IN_CHECKOUT: &str = ".stack";
/// For root: PostgreSQL refuses root and runs as `postgres`, who cannot reach a checkout below /root.
const FOR_ROOT: &str = "/var/lib/tracechain";
/// Others may pass through, to files that are theirs, but not list.
const PASSABLE: u32 = 0o711;

/// The checkout this program was built from.
#[must_use]
pub fn checkout() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The state directory of a checkout; not yet created.
#[must_use]
pub fn directory(checkout: &Path) -> PathBuf {
    if geteuid().is_root() {
        let name = checkout.canonicalize().unwrap_or_else(|_| checkout.to_path_buf());
        Path::new(FOR_ROOT).join(format!("{:016x}", fnv1a(name.as_os_str().as_encoded_bytes())))
    } else {
        checkout.join(IN_CHECKOUT)
    }
}

/// Creates a directory that other users may pass through, with whatever is missing above it. One that exists
/// stays as it is: it may be somebody's own.
pub fn create(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create(above)?;
    }
    match fs::create_dir(path) {
        // Another process may have been quicker.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        created => created.map_err(Error::file("create", path))?,
    }
    fs::set_permissions(path, fs::Permissions::from_mode(PASSABLE)).map_err(Error::file("set the mode of", path))
}

/// The directory above `path` that other users cannot pass through, if there is one.
pub(crate) fn closed_to_others(path: &Path) -> Option<PathBuf> {
    let whole = path.canonicalize().ok()?;
    let closed = whole
        .ancestors()
        .find(|above| above.metadata().is_ok_and(|directory| directory.permissions().mode() & 0o001 == 0))?;
    Some(closed.to_path_buf())
}

/// A name for a text: eight hexadecimal digits.
pub(crate) fn short_hash(text: &str) -> String {
    format!("{:08x}", fnv1a(text.as_bytes()) >> 32)
}

/// FNV-1a, 64 bits: the name must stay the same over versions of the standard library.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_path_is_the_published_fnv1a() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn what_is_created_can_be_passed_and_what_exists_is_left_alone() {
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let existing = tempfile::tempdir().unwrap();
        let before = mode(existing.path());
        let created = existing.path().join("a/b");
        create(&created).unwrap();
        create(existing.path()).unwrap();
        assert_eq!((mode(&created), mode(created.parent().unwrap())), (0o711, 0o711));
        assert_eq!(mode(existing.path()), before);
    }

    #[test]
    fn two_checkouts_never_share_a_directory() {
        assert_ne!(directory(Path::new("/srv/one")), directory(Path::new("/srv/two")));
    }
}
