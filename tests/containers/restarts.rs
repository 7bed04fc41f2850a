//! Containers that are restarted while the chain is busy.

use crate::load;
use crate::outlines::WHOLE;
use crate::probing::Probing;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use crate::traces::whole;
use crate::up::all_are_well;
use crate::wait::until;
use std::sync::Arc;
use std::time::Instant;

/// Requests a second: what the stack is made for.
const RATE: u32 = 200;

/// One after the other. Requests that are answered meanwhile have whole traces, whoever was away; after it a request goes
/// through, and no program has panicked.
pub async fn whatever_is_restarted_every_request_that_was_answered_has_its_trace() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    load::begin(&stack, RATE).await;
    let lasting: Vec<_> = stack
        .containers()
        .expect("an answer")
        .into_iter()
        .filter(|one| !one.runs_once() && one.service != "load")
        .collect();
    for container in lasting {
        let probing = Probing::begin(Arc::clone(&stack));
        let begun = Instant::now();
        stack.docker().ask(&["restart", &container.id]).unwrap_or_else(|error| panic!("{error}"));
        let restarted = begun.elapsed();
        until("all are healthy again", async || all_are_well(&stack)).await;
        until("a request goes through", async || {
            let answer = stack.process(1001).await?;
            if answer.status == 200 { Ok(()) } else { Err(format!("{}: {}", answer.status, answer.text)) }
        })
        .await;
        let answered = begun.elapsed();
        let probed = probing.end().await;
        let tempo = stack.tempo().expect("an address");
        for trace_id in &probed.answered {
            whole(&tempo, trace_id, WHOLE).await;
        }
        assert!(!probed.answered.is_empty(), "{}: no request was answered", container.service);
        println!(
            "{:16} restarted in {:>4.1} s, answers after {:>4.1} s; {} requests answered and {} not, traces whole after {:>4.1} s",
            container.service,
            restarted.as_secs_f64(),
            answered.as_secs_f64(),
            probed.answered.len(),
            probed.refused,
            begun.elapsed().as_secs_f64()
        );
    }
    println!("at {:.0} requests/s", load::reached(&stack).await.expect("a rate"));
    load::end(&stack);
    nobody_has_panicked(&stack);
    Outcome::Passed
}

/// As our own programs' logs say it.
fn nobody_has_panicked(stack: &Stack) {
    for container in stack.containers().expect("an answer") {
        // Both outputs: the log is on standard error.
        let mut command = stack.docker().command(&["logs", &container.id]);
        let output = command.output().expect("a log");
        let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let panic = log.lines().find(|line| line.contains("\"message\":\"a thread panicked\""));
        assert_eq!(panic, None, "{}", container.service);
    }
}
