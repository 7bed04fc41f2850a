//! `cargo stack start`: a process that was stopped or has failed.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::Outcome;
use crate::supervisor::{Request, STOP_ORDER, is_process};

const EXAMPLES: &str = "Examples:
  cargo stack start audit-service";

/// Start a process that was stopped or has failed
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// gateway, user-service, order-service, audit-service, gateway-spans, observatory or postgres; with backends
    /// otel-collector, prometheus, tempo or loki
    #[arg(value_parser = process_name)]
    service: String,
}

/// Asks the supervisor and waits until the process is ready.
pub async fn run(args: Args, context: &Context) -> Outcome {
    Client::running(&context.state)?.order(&Request::Start { name: args.service.clone() })?;
    context.terminal.done(format!("{} is up", args.service));
    Ok(0)
}

/// `audit` is short for `audit-service`, `collector` for `otel-collector`.
pub fn process_name(text: &str) -> Result<String, String> {
    let (service, otel) = (format!("{text}-service"), format!("otel-{text}"));
    [text, &service, &otel].into_iter().find(|name| is_process(name)).map(str::to_owned).ok_or_else(|| {
        let mut names = STOP_ORDER;
        names.sort_unstable();
        format!("there is no process of that name; there are {}", names.join(", "))
    })
}
