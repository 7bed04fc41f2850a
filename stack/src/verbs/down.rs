//! `cargo stack down`: everything stops, nothing is deleted.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::supervisor::stop_limits::{self, WHOLE_STOP_LIMIT};
use crate::supervisor::{Phase, Record, Request, STOP_ORDER};
use native::process::{Identity, Signal};
use std::path::Path;
use std::time::Instant;

const EXAMPLES: &str = "Examples:
  cargo stack down     the data stay for the next `up`
  cargo stack reset    deletes them too";

/// Stop everything
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Stops everything and waits for the end of every process.
pub async fn run(_: Args, context: &Context) -> Outcome {
    let state = context.state.clone();
    let stopped = tokio::task::spawn_blocking(move || stop_everything(&state)).await;
    if stopped.map_err(|error| Failure::failed(error.to_string()))?? {
        context.terminal.done("everything is stopped");
    } else {
        context.terminal.line("nothing was running");
    }
    Ok(0)
}

/// Through the supervisor, and without it where there is none; says whether anything ran.
pub fn stop_everything(state: &Path) -> Result<bool, Failure> {
    let record = Record::read(state);
    let mut ran = false;
    if let Some(client) = Client::find(state) {
        ran = true;
        // A supervisor that ends in the middle of an answer has done what it was asked.
        let deadline = Instant::now() + WHOLE_STOP_LIMIT;
        let status = client.status().ok();
        let supervisor = status.filter(|status| status.phase != Phase::Ended);
        let supervisor = supervisor.and_then(|status| Identity::of(status.supervisor_pid));
        if client.order(&Request::Down).is_ok() {
            client.await_ended(WHOLE_STOP_LIMIT);
        }
        // A foreground `up` prints its last lines yet; this process itself may be the supervisor's.
        if let Some(supervisor) = supervisor.filter(|supervisor| supervisor.pid != std::process::id()) {
            supervisor.await_end(deadline.saturating_duration_since(Instant::now()));
        }
    }
    // Also a supervisor that does not answer, suspended or stuck.
    Ok(end_leftovers(record, state) || ran)
}

/// Ends what is recorded and still runs. A pid that means another process by now is left alone.
pub fn end_leftovers(record: Option<Record>, state: &Path) -> bool {
    let Some(record) = record else { return false };
    let mut ended = false;
    if let Some(supervisor) = record.supervisor() {
        ended = true;
        // It may be a part of somebody's pipeline, so its group is not ours to kill.
        supervisor.end(&[(Signal::SIGTERM, WHOLE_STOP_LIMIT)]);
    }
    let running = record.processes();
    for name in STOP_ORDER {
        let of_this_name = running.iter().filter(|(running, identity)| *running == name && identity.is_alive());
        for (_, process) in of_this_name {
            ended = true;
            // It gets as long as it would have got from a supervisor.
            process.end_with_group(stop_limits::of(name));
        }
    }
    Record::remove(state);
    ended
}
