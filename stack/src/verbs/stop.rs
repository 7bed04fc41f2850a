//! `cargo stack stop`: one process, until it is started again.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::Outcome;
use crate::supervisor::Request;

const EXAMPLES: &str = "Examples:
  cargo stack stop audit-service     requests are answered 503, and their traces show where
  cargo stack start audit-service    whole again";

/// Stop one process and leave it stopped
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// gateway, user-service, order-service, audit-service, gateway-spans, observatory or postgres; with backends
    /// otel-collector, prometheus, tempo or loki
    #[arg(value_parser = super::start::process_name)]
    service: String,
}

/// Asks the supervisor and waits until the process is gone.
pub async fn run(args: Args, context: &Context) -> Outcome {
    Client::running(&context.state)?.order(&Request::Stop { name: args.service.clone() })?;
    context.terminal.done(format!("{} is stopped", args.service));
    Ok(0)
}
