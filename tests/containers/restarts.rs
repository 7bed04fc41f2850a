//! Containers that are restarted while the chain is busy.

use crate::outlines::WHOLE;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR};
use crate::traces::whole;
use crate::up::all_are_well;
use crate::wait::until;
use std::time::Instant;

/// Requests a second: so few that a machine with other work has no backlog, and so many that each restart meets some.
const RATE: u32 = 25;

/// One after the other; after each of them a request goes through, and its trace is whole.
pub async fn after_the_restart_of_any_container_the_chain_is_whole_again() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    stack.load(RATE).expect("a load");
    let lasting: Vec<_> = stack
        .containers()
        .expect("an answer")
        .into_iter()
        .filter(|one| !one.runs_once() && one.service != "load")
        .collect();
    for container in lasting {
        let begun = Instant::now();
        stack.docker().ask(&["restart", &container.id]).unwrap_or_else(|error| panic!("{error}"));
        let restarted = begun.elapsed();
        until("all are healthy again", async || all_are_well(&stack)).await;
        let answer = until("a request goes through", async || {
            let answer = stack.process(1001).await?;
            if answer.status == 200 { Ok(answer) } else { Err(format!("{}: {}", answer.status, answer.text)) }
        })
        .await;
        let answered = begun.elapsed();
        whole(&stack, answer.header("x-trace-id"), WHOLE).await;
        println!(
            "{:16} restarted in {:>4.1} s, answers after {:>4.1} s, a trace is whole after {:>4.1} s",
            container.service,
            restarted.as_secs_f64(),
            answered.as_secs_f64(),
            begun.elapsed().as_secs_f64()
        );
    }
    Outcome::Passed
}
