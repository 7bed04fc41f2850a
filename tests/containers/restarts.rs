//! Containers that are restarted while the chain is busy.

use crate::ledger::Ledger;
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
use testkit::backend::outline_of;

/// Requests a second: what the stack is made for. Two cores carry it beside a compiler or two; where they do not, the Collector
/// is away for longer than the services' queues hold, which is nine seconds of order-service at this rate.
const RATE: u32 = 200;

/// One after the other. Requests that are answered meanwhile have whole traces, whoever was away; where a service had more
/// spans for a Collector that was away than its queue holds, it has counted at least as many as traces lack. After it a
/// request goes through, and no program has panicked.
pub async fn whatever_is_restarted_every_request_that_was_answered_has_its_trace() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    load::begin(&stack, RATE).await;
    let lasting: Vec<_> = stack
        .containers()
        .expect("an answer")
        .into_iter()
        .filter(|one| !one.runs_once() && one.service != "load")
        .collect();
    let wanted = outline_of(WHOLE);
    for container in lasting {
        let probing = Probing::begin(Arc::clone(&stack));
        let before = given_up_by_each(&stack).await;
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
        let (mut lacking, mut given_up) = (0, 0);
        until("traces lack no more spans than services have counted", async || {
            given_up = given_up_since(&before, &given_up_by_each(&stack).await);
            lacking = 0;
            for trace_id in &probed.answered {
                let there = tempo.trace(trace_id).await.map_or(0, |tree| tree.len());
                lacking += wanted.lines().count().saturating_sub(there);
            }
            if lacking <= given_up { Ok(()) } else { Err(format!("{lacking} spans lack, {given_up} are counted")) }
        })
        .await;
        if lacking == 0 {
            for trace_id in &probed.answered {
                whole(&tempo, trace_id, WHOLE).await;
            }
        }
        assert!(!probed.answered.is_empty(), "{}: no request was answered", container.service);
        println!(
            "{:16} restarted in {:>4.1} s, answers after {:>4.1} s; {} requests answered and {} not; after {:>4.1} s {lacking} spans \
             lack, of {given_up} that were given up",
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

/// Spans that each service has given up since it was started, by its own count.
async fn given_up_by_each(stack: &Stack) -> Vec<usize> {
    let mut each = Vec::new();
    for address in stack.services_addresses().expect("addresses") {
        each.push(Ledger::of(address).await.lost as usize);
    }
    each
}

/// How many more they are. A service that was restarted counts from nothing.
fn given_up_since(before: &[usize], now: &[usize]) -> usize {
    before.iter().zip(now).map(|(before, now)| now.checked_sub(*before).unwrap_or(*now)).sum()
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
