//! What was measured, as it is written to results.json.

use super::figures::Figure;
use serde::Serialize;
use std::fs;

/// Everything. A part that was not asked for is `null`.
#[derive(Debug, Default, Serialize)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// How much.
    pub effort: EffortRow,
    /// The two-service chain under load.
    pub cpu: Option<Vec<ModeRow>>,
    /// The same, one request at a time.
    pub latency: Option<Vec<ModeRow>>,
    /// The same, by instructions.
    pub instructions: Option<Vec<InstructionRow>>,
    /// One span.
    pub micro: Option<Vec<Step>>,
    /// The services of the project under load.
    pub chain: Option<Vec<ModeRow>>,
    /// Many spans and a slow receiver.
    pub loss: Option<Loss>,
    /// What was to be reached.
    pub figures: Vec<Figure>,
}

/// The machine.
#[derive(Debug, Default, Serialize)]
pub struct Machine {
    /// Of its first processor.
    pub processor: String,
    /// Processors.
    pub processors: usize,
    /// Kernel's release.
    pub kernel: String,
}

/// The effort.
#[derive(Debug, Default, Serialize)]
pub struct EffortRow {
    /// Rounds.
    pub rounds: usize,
    /// Seconds of each mode in each round.
    pub seconds: f64,
    /// Requests under way at a time.
    pub connections: usize,
    /// Requests whose instructions were counted, of each mode.
    pub counted_requests: u64,
}

/// A mode under load. Ratios are to the baseline.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the names say it, with their units")]
pub struct ModeRow {
    pub mode: &'static str,
    pub title: &'static str,
    pub baseline: &'static str,
    pub cpu_us: f64,
    pub cpu_ratio: f64,
    pub rate: f64,
    pub rate_ratio: f64,
    pub p50_ms: f64,
    pub p50_ratio: f64,
    pub p99_ms: f64,
    pub p99_ratio: f64,
    pub spans_due: u64,
    pub spans_received: u64,
    pub bytes_a_span: Option<f64>,
}

/// A mode's instructions a request.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct InstructionRow {
    pub mode: &'static str,
    pub title: &'static str,
    pub baseline: &'static str,
    pub front: f64,
    pub back: f64,
    pub total: f64,
    pub ratio: f64,
}

/// One step of a span's life.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Step {
    pub name: String,
    pub nanoseconds: f64,
    pub allocations: f64,
}

/// Many spans and a slow receiver.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the names say it, with their units")]
pub struct Loss {
    pub spans_per_second: u64,
    pub seconds: u64,
    pub answer_delay_ms: u64,
    pub made: u64,
    pub received: u64,
    /// The process's own account: its `otel_sdk_` lines on /metrics at the end.
    pub ledger: Vec<String>,
}

impl Results {
    /// Where and how much, in a sentence for the head of a page.
    pub fn heading(&self) -> String {
        let (machine, effort) = (&self.machine, &self.effort);
        format!(
            "{} processors ({}), Linux {}; {} rounds of {} s for each mode, {} connections.\n",
            machine.processors, machine.processor, machine.kernel, effort.rounds, effort.seconds, effort.connections
        )
    }
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            processor: model.map_or("unknown", |(_, model)| model.trim()).to_owned(),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        }
    }
}
