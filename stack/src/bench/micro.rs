//! One span, by the program that measures its steps.

use super::programs::Programs;
use super::results::Step;
use super::sink::Sink;
use crate::failure::Failure;
use native::process::{Spec, run_to_end};

/// Runs it; its spans go to `sink`.
pub fn measure(programs: &Programs, sink: &Sink) -> Result<Vec<Step>, Failure> {
    let mut spec = Spec::new("bench-micro", programs.micro()).env("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
    spec.env_clear = true;
    let printed = run_to_end(&spec, "")?;
    serde_json::from_str(&printed).map_err(|error| Failure::failed(format!("bench-micro printed no steps: {error}")))
}
