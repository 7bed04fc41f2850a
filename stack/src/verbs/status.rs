//! `cargo stack status`: what runs, where, and how it is.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::supervisor::{Phase, ProcessStatus};

const EXAMPLES: &str = "Examples:
  cargo stack status
  cargo stack status --json | jq -r '.[] | select(.state != \"ready\") | .name'

The exit code is 0 whenever the state can be told, also when nothing runs.";

/// Show every process: pid, address, state
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// An array of {name, pid, url, state}; empty when nothing runs
    #[arg(long)]
    json: bool,
}

/// Asks the supervisor; without one nothing runs.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let status = Client::find(&context.state).map(|client| client.status()).transpose()?;
    let processes = status.as_ref().map_or(&[][..], |status| &status.processes);
    if args.json {
        let json = serde_json::to_string_pretty(processes).map_err(|error| Failure::failed(error.to_string()))?;
        context.terminal.line(json);
        return Ok(0);
    }
    let Some(status) = &status else {
        context.terminal.line("nothing is running; start it with: cargo stack up");
        return Ok(0);
    };
    for process in processes {
        context.terminal.line(row(context, process));
    }
    if status.phase != Phase::Ready {
        context.terminal.line(context.terminal.dim(&format!("the stack is {:?}", status.phase).to_lowercase()));
    }
    if let Some(elsewhere) = &status.elsewhere {
        context.terminal.warn(format!("spans go to {elsewhere}"));
    }
    Ok(0)
}

fn row(context: &Context, process: &ProcessStatus) -> String {
    let colour = match process.state.as_str() {
        "ready" | "running" => "32",
        "starting" | "restarting" => "33",
        _ => "31",
    };
    let pid = process.pid.map_or_else(|| "-".into(), |pid| pid.to_string());
    let state = context.terminal.paint(colour, &format!("{:<10}", process.state));
    format!("{:<14} {state} {pid:>8}  {}", process.name, process.url.as_deref().unwrap_or("-"))
}
