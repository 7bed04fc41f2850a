//! What is built, from which source, and with which Go.

use super::go::Version;
use native::backends::{Program, versions};

/// How a program is built.
pub struct Recipe {
    /// The program.
    pub program: Program,
    /// Its version.
    pub version: &'static str,
    /// The oldest Go that builds it.
    pub go: Version,
    /// From what.
    pub source: Source,
}

/// What a program is built from.
pub enum Source {
    /// The components that otel-collector/builder.yaml names, put together by the Collector's own builder.
    Builder,
    /// A package of a published module.
    Module(Package),
}

/// A package of a published module.
pub struct Package {
    /// The module's path.
    pub module: &'static str,
    /// The module's version.
    pub version: String,
    /// The package, from the module's path on.
    pub package: &'static str,
    /// Build tags.
    pub tags: &'static str,
    /// The variable that holds what `--version` prints.
    pub version_variable: &'static str,
}

/// Prometheus can find what it scrapes in two dozen clouds; ours is told, and without those it takes half the time and
/// space (plugins/ in its source).
const WITHOUT_DISCOVERY: &str = "remove_all_sd";

impl Recipe {
    /// How this program is built; `None` for one that is in no package registry.
    pub fn of(program: Program) -> Option<Self> {
        let prometheus = |package| {
            Source::Module(Package {
                module: "github.com/prometheus/prometheus",
                version: versions::PROMETHEUS_MODULE.into(),
                package,
                tags: WITHOUT_DISCOVERY,
                version_variable: "github.com/prometheus/common/version.Version",
            })
        };
        let (version, go, source) = match program {
            Program::Collector => (versions::COLLECTOR, Version(1, 25, 0), Source::Builder),
            Program::Prometheus => (versions::PROMETHEUS, Version(1, 25, 8), prometheus("cmd/prometheus")),
            Program::Promtool => (versions::PROMETHEUS, Version(1, 25, 8), prometheus("cmd/promtool")),
            Program::Loki => {
                let package = Package {
                    module: "github.com/grafana/loki/v3",
                    version: format!("v{}", versions::LOKI),
                    package: "cmd/loki",
                    tags: "",
                    version_variable: "github.com/grafana/loki/v3/pkg/util/build.Version",
                };
                (versions::LOKI, Version(1, 26, 5), Source::Module(package))
            }
            Program::Tempo => return None,
        };
        Some(Self { program, version, go, source })
    }
}
