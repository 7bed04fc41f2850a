//! `cargo stack trace`: one trace as a tree.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::{FAILED, Failure, Outcome};
use crate::traces::{Traces, parse_id};
use otlp::TraceId;

const EXAMPLES: &str = "Examples:
  cargo stack trace 4bf92f3577b34da6a3ce929d0e0e4736
  cargo stack trace --json 4bf92f3577b34da6a3ce929d0e0e4736 | jq .resourceSpans

The id is the X-Trace-Id of every answer. The exit code is 1 when the trace is unknown or not whole.";

/// Draw one trace as a tree
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// 32 hex digits, from X-Trace-Id
    #[arg(value_parser = parse_id)]
    id: TraceId,
    /// OTLP JSON, as the observatory has it
    #[arg(long)]
    json: bool,
}

/// Reads the trace from the observatory of the running stack.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let traces = Traces::of(&Client::running(&context.state)?.status()?)?;
    let unknown = || {
        Failure::failed(format!(
            "no trace {}: spans arrive within seconds of the answer; the oldest traces are forgotten",
            args.id
        ))
    };
    if args.json {
        context.terminal.line(traces.json(&args.id.to_string()).await?.ok_or_else(unknown)?);
        return Ok(0);
    }
    let tree = traces.tree(args.id).await?.ok_or_else(unknown)?;
    context.terminal.line(tree.render(&context.terminal.tree_style()).trim_end());
    for problem in tree.problems() {
        context.terminal.warn(format!("not whole: {problem}"));
    }
    context.terminal.line(context.terminal.dim(&traces.page(&args.id.to_string())));
    Ok(if tree.is_whole() { 0 } else { FAILED })
}
