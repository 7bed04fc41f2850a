//! The versions of the backends that this project is tested with; `.env` has the same ones for Compose.

/// OpenTelemetry Collector: its builder, and each of its components.
pub const COLLECTOR: &str = "0.158.0";
/// Prometheus and promtool.
pub const PROMETHEUS: &str = "3.14.0";
/// The same as a Go module: Prometheus numbers its module after its API, which is not yet 1.0.
pub const PROMETHEUS_MODULE: &str = "v0.314.0";
/// Loki.
pub const LOKI: &str = "3.7.8";
/// Tempo; no package registry has it.
pub const TEMPO: &str = "3.0.3";

/// Older Collectors do not know the names of components that the files have.
pub(super) const OLDEST_COLLECTOR: Version = (0, 158, 0);
/// Older ones do not know `storage.tsdb.retention`.
pub(super) const OLDEST_PROMETHEUS: Version = (3, 9, 0);
/// The oldest major version whose configuration has the keys that the file has.
pub(super) const OLDEST_LOKI: Version = (3, 0, 0);
/// Older ones have other modules, and stop at a key that they do not know.
pub(super) const OLDEST_TEMPO: Version = (3, 0, 0);

/// Major, minor, patch.
pub(super) type Version = (u32, u32, u32);

/// The first version in what a program prints; a build by `go build` may not tell one.
pub(super) fn version_in(printed: &str) -> Option<Version> {
    printed.split_ascii_whitespace().find_map(|word| {
        let numbers = word.trim_start_matches('v').split(['-', '+', ',']).next()?;
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let version = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_programs_print() {
        assert_eq!(version_in("otelcol version 0.158.0\n"), Some((0, 158, 0)));
        let prometheus =
            "prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5+b5)\n  platform: linux";
        assert_eq!(version_in(prometheus), Some((2, 42, 0)));
        assert_eq!(version_in("tempo, version v3.0.3 (branch: HEAD, revision: 1)"), Some((3, 0, 3)));
        assert_eq!(version_in("tempo, version  (branch: , revision: unknown)\n  go version: go1.26.8"), None);
    }

    #[test]
    fn the_tested_versions_are_not_too_old() {
        let tested = [
            (COLLECTOR, OLDEST_COLLECTOR),
            (PROMETHEUS, OLDEST_PROMETHEUS),
            (LOKI, OLDEST_LOKI),
            (TEMPO, OLDEST_TEMPO),
        ];
        for (tested, oldest) in tested {
            assert!(version_in(tested) >= Some(oldest), "{tested}");
        }
    }
}
