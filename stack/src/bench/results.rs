//! What was measured, as it is written to results.json.

use super::account::Account;
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
    /// The two-service chain and receivers with which something is wrong; the healthy one first.
    pub faults: Option<Vec<FaultRow>>,
    /// The ends of the two-service chain under load.
    pub sigterm: Option<SigtermRow>,
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
    /// Between these two the ratio is, with 95 % where there are six rounds and more.
    pub cpu_ratio_from: f64,
    pub cpu_ratio_to: f64,
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

/// The two-service chain with one receiver.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the names say it, with their units")]
pub struct FaultRow {
    pub receiver: &'static str,
    pub title: &'static str,
    pub sent: u64,
    /// With a success.
    pub answered: u64,
    /// Why the first one was not.
    pub complaint: Option<String>,
    pub p99_ms: f64,
    /// To the healthy receiver's.
    pub p99_ratio: f64,
    /// As the receiver has counted them.
    pub spans_taken: u64,
    pub front: FaultProcess,
    pub back: FaultProcess,
}

/// One of its processes.
#[derive(Debug, Clone, Serialize)]
pub struct FaultProcess {
    /// The most resident memory until its end.
    pub peak_mib: f64,
    /// How much more that is than with the healthy receiver.
    pub added_mib: f64,
    /// How much more there was in the second half of the load than in the first.
    pub grown_mib: f64,
    /// Spans that the answered requests have made.
    pub spans_due: u64,
    /// What it has said at its end.
    pub account: Account,
}

/// All rounds of SIGTERM under load, both processes together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SigtermRow {
    /// Both processes were ended once in each.
    pub rounds: u64,
    /// Requests that were answered with a success.
    pub answered: u64,
    /// Requests that were not: their connections were not taken any longer.
    pub unanswered: u64,
    /// Spans that ended, as the processes say.
    pub ended: u64,
    /// Spans that were taken, as the processes say.
    pub exported: u64,
    /// Spans that the receivers have counted.
    pub received: u64,
    /// Spans that ended and that no receiver has.
    pub lost: u64,
    /// Spans of answered requests that never ended.
    pub missing: u64,
    /// By how many spans the accounts are off, in themselves and from what the receivers have counted.
    pub off: u64,
    /// Spans that were begun and never ended, as the processes say.
    pub unfinished: u64,
    /// Processes that did not say that all is well.
    pub unwell: u64,
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
