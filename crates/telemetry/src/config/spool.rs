//! Where spans and log records wait on the disk for a receiver that is away: `TELEMETRY_SPOOL_*`.

use std::path::PathBuf;

use super::variables::Variables;

/// An hour of a receiver's absence at 150 spans a second of 500 bytes.
const MAX_BYTES: usize = 256 << 20;

/// A place on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// Made where it is not there. Each service, and each process of it, has a folder of its own in it.
    pub directory: PathBuf,
    /// Bytes that each process may put there: of spans, and the same of log records.
    pub max_bytes: u64,
}

/// `None` where no directory is named.
pub(super) fn read(variables: &Variables<'_>) -> Option<SpoolConfig> {
    const SIZE: &str = "TELEMETRY_SPOOL_MAX_BYTES";
    let max_bytes = variables.count(SIZE, MAX_BYTES) as u64;
    let directory = variables.get("TELEMETRY_SPOOL_DIRECTORY").map(PathBuf::from);
    if directory.is_none() && variables.get(SIZE).is_some() {
        variables.ignore(SIZE, "has no effect: TELEMETRY_SPOOL_DIRECTORY names no directory");
    }
    directory.map(|directory| SpoolConfig { directory, max_bytes })
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{problems, read};

    #[test]
    fn nothing_goes_to_a_disk_unless_a_directory_is_named() {
        assert_eq!(read(&[]).spool, None);
        let config = read(&[("TELEMETRY_SPOOL_MAX_BYTES", "1000")]);
        assert_eq!((config.spool, config.ignored.len()), (None, 1));
        let spool = read(&[("TELEMETRY_SPOOL_DIRECTORY", "/var/spool/telemetry")]).spool.expect("one");
        assert_eq!((spool.directory.to_str(), spool.max_bytes), (Some("/var/spool/telemetry"), 268_435_456));
        let variables = [("TELEMETRY_SPOOL_DIRECTORY", "a"), ("TELEMETRY_SPOOL_MAX_BYTES", "1000")];
        assert_eq!(read(&variables).spool.expect("one").max_bytes, 1000);
    }

    #[test]
    fn a_size_that_is_none_is_refused() {
        for wrong in ["0", "1MB", "-1"] {
            let problem = "TELEMETRY_SPOOL_MAX_BYTES must be a whole number above 0";
            assert_eq!(problems(&[("TELEMETRY_SPOOL_MAX_BYTES", wrong)]), [problem]);
        }
    }
}
