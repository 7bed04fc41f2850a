//! `docker compose up -d` from nothing.

use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use crate::wait::until;

/// All that lasts is healthy, all that runs once has ended well.
pub async fn every_container_comes_up_and_is_healthy() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    until("all are healthy", async || all_are_well(&stack)).await;
    for container in stack.containers().expect("an answer") {
        println!("{:22} {}", container.service, if container.running { "healthy" } else { "has ended well" });
    }
    Outcome::Passed
}

/// The error names those that are not.
pub fn all_are_well(stack: &Stack) -> Result<(), String> {
    let containers = stack.containers()?;
    let well = |runs_once: bool, healthy: bool, running: bool, code: i64| match runs_once {
        true => !running && code == 0,
        false => healthy,
    };
    let unwell = containers
        .iter()
        .filter(|one| !well(one.runs_once(), one.healthy, one.running, one.exit_code))
        .map(|one| format!("{} (runs: {}, exit code {})", one.service, one.running, one.exit_code));
    let unwell: Vec<String> = unwell.collect();
    if unwell.is_empty() { Ok(()) } else { Err(unwell.join(", ")) }
}
