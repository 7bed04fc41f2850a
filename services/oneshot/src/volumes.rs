//! Volumes that belong to whom they are for. The engine makes a new one root's, unless the image has that folder already.

use crate::owner::{FileError, Owned};
use std::path::Path;

/// Its user does everything in it, others nothing.
const MODE: u32 = 0o700;

/// Gives each folder to its user; what is in it is theirs already.
pub fn give(volumes: &[Owned]) -> Result<(), FileError> {
    volumes.iter().try_for_each(|volume| volume.owner.take(Path::new(&volume.name), MODE))
}
