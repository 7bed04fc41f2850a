//! What is compared: the same chain, with more or less telemetry.

/// One way to run the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// In JSON and in flags.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Which of the programs.
    pub program: Program,
    /// The mode that this one's figures are divided by.
    pub baseline: &'static str,
    /// Whether the traces that come in are sampled.
    pub sampled: bool,
    /// What is set of the `OTEL_*` variables.
    pub environment: &'static [(&'static str, &'static str)],
}

/// A build of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Names nothing of telemetry.
    Untraced,
    /// With this project's middlewares.
    Traced,
    /// Without telemetry, on the older libraries that the usual crates need.
    UsualUntraced,
    /// With the usual crates.
    UsualTraced,
}

impl Program {
    /// The file's name.
    pub fn file(self) -> &'static str {
        match self {
            Self::Untraced => "bench-untraced",
            Self::Traced => "bench-traced",
            Self::UsualUntraced => "usual-untraced",
            Self::UsualTraced => "usual-traced",
        }
    }
}

/// SERVER and CLIENT span of the front, SERVER and SQL span of the back.
const SPANS: u64 = 4;
/// No metrics at all: neither recorded nor exported.
const NO_METRICS: &[(&str, &str)] = &[("TELEMETRY_METRICS", "off"), ("OTEL_METRICS_EXPORTER", "none")];

/// The modes, in the order of the tables.
pub const MODES: [Mode; 8] = [
    Mode { name: "untraced", title: "untraced", program: Program::Untraced, ..DEFAULT },
    Mode { name: "disabled", title: "disabled", environment: &[("OTEL_SDK_DISABLED", "true")], ..DEFAULT },
    Mode { name: "off", title: "traces at 0 %", sampled: false, environment: NO_METRICS, ..DEFAULT },
    Mode { name: "off-metrics", title: "traces at 0 %, metrics", sampled: false, ..DEFAULT },
    Mode { name: "on", title: "traces at 100 %", environment: NO_METRICS, ..DEFAULT },
    Mode { name: "on-metrics", title: "traces at 100 %, metrics", ..DEFAULT },
    Mode {
        name: "usual-untraced",
        title: "untraced, older libraries",
        program: Program::UsualUntraced,
        baseline: "usual-untraced",
        ..DEFAULT
    },
    Mode {
        name: "usual",
        title: "usual crates at 100 %",
        program: Program::UsualTraced,
        baseline: "usual-untraced",
        ..DEFAULT
    },
];

const DEFAULT: Mode =
    Mode { name: "", title: "", program: Program::Traced, baseline: "untraced", sampled: true, environment: &[] };

impl Mode {
    /// The mode of this name.
    ///
    /// # Errors
    /// The names that there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = MODES.into_iter().find(|mode| mode.name == name);
        found.ok_or_else(|| format!("the modes are {}", MODES.map(|mode| mode.name).join(", ")))
    }

    /// Those of `chosen` and what they are divided by, in the order of the tables; all when none is chosen.
    pub fn with_baselines(chosen: &[Self]) -> Vec<Self> {
        let is_needed = |mode: &Self| chosen.iter().any(|chosen| chosen == mode || chosen.baseline == mode.name);
        MODES.into_iter().filter(|mode| chosen.is_empty() || is_needed(mode)).collect()
    }

    /// Whether the usual crates have to be built for it.
    pub fn is_usual(&self) -> bool {
        matches!(self.program, Program::UsualUntraced | Program::UsualTraced)
    }

    /// Spans that a request makes, all of which are exported.
    pub fn spans_per_request(&self) -> u64 {
        let disabled = self.environment.iter().any(|(name, _)| *name == "OTEL_SDK_DISABLED");
        let traced = matches!(self.program, Program::Traced | Program::UsualTraced);
        if traced && self.sampled && !disabled { SPANS } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_mode_comes_with_its_baseline() {
        let names = |chosen: &[Mode]| Mode::with_baselines(chosen).iter().map(|mode| mode.name).collect::<Vec<_>>();
        assert_eq!(names(&[Mode::named("on").unwrap()]), ["untraced", "on"]);
        assert_eq!(names(&[]).len(), MODES.len());
        assert!(Mode::named("sometimes").is_err_and(|message| message.contains("untraced")));
    }

    #[test]
    fn every_baseline_is_a_mode_of_its_own_that_makes_no_spans() {
        for mode in MODES {
            let baseline = Mode::named(mode.baseline).unwrap();
            assert_eq!((baseline.baseline, baseline.spans_per_request()), (baseline.name, 0), "{}", mode.name);
        }
    }
}
