//! One span, by the program that measures its steps.

use super::programs::Programs;
use super::results::Step;
use super::sink::Sink;
use crate::failure::Failure;
use native::process::{Spec, run_to_end};

/// How often it is run. Somebody else's work on the same core makes everything slower, for seconds at a time, and nothing makes
/// a step quicker than it is: of a few runs the least is the step's own.
const RUNS: usize = 7;

/// Runs it a few times; its spans go to `sink`. Of each step the run counts that took the least time.
pub fn measure(programs: &Programs, sink: &Sink) -> Result<Vec<Step>, Failure> {
    let mut least = run(programs, sink)?;
    for _ in 1..RUNS {
        for (least, step) in least.iter_mut().zip(run(programs, sink)?) {
            if step.nanoseconds < least.nanoseconds {
                *least = step;
            }
        }
    }
    Ok(least)
}

fn run(programs: &Programs, sink: &Sink) -> Result<Vec<Step>, Failure> {
    let mut spec = Spec::new("bench-micro", programs.micro()).env("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
    spec.env_clear = true;
    let printed = run_to_end(&spec, "")?;
    serde_json::from_str(&printed).map_err(|error| Failure::failed(format!("bench-micro printed no steps: {error}")))
}
