//! Many spans a second and a receiver that takes its time: what is lost.

use super::programs::Programs;
use super::results::Loss;
use super::sink::Sink;
use crate::failure::Failure;
use native::process::{Spec, run_to_end};
use std::time::Duration;

/// As four services with a thousand requests a second each.
const SPANS_PER_SECOND: u64 = 20_000;
/// What a receiver on another continent takes, or one that is busy.
const ANSWER_DELAY: Duration = Duration::from_millis(200);

/// Makes spans for so long.
pub fn measure(programs: &Programs, seconds: u64) -> Result<Loss, Failure> {
    let sink = Sink::start(ANSWER_DELAY)?;
    let arguments = [SPANS_PER_SECOND, seconds].map(|argument| argument.to_string());
    let spec = Spec::new("bench-spans", programs.spans()).args(arguments);
    let mut spec = spec.env("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
    spec.env_clear = true;
    let printed = run_to_end(&spec, "")?;
    let made = printed.lines().find_map(|line| line.strip_prefix("made ")?.parse().ok());
    Ok(Loss {
        spans_per_second: SPANS_PER_SECOND,
        seconds,
        answer_delay_ms: u64::try_from(ANSWER_DELAY.as_millis()).unwrap_or(u64::MAX),
        made: made.ok_or_else(|| Failure::failed("bench-spans did not say how many spans it made"))?,
        received: sink.spans(),
        ledger: printed.lines().filter(|line| line.starts_with("otel_sdk_")).map(str::to_owned).collect(),
    })
}
