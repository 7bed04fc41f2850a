//! `cargo stack doctor`: where telemetry is lost, and what to do.

use crate::cli::Context;
use crate::doctor::{Finding, Places, PlacesArgs, State, examine};
use crate::failure::{FAILED, Failure, Outcome};

const EXAMPLES: &str = "Examples:
  cargo stack doctor            the stack that runs here, natively or in containers
  cargo stack doctor --json | jq '.findings[] | select(.state == \"failed\")'
  cargo stack doctor --gateway http://10.0.0.5:8080 --tempo http://10.0.0.6:3200

It sends one request and follows its spans. The exit code is 1 when something does not work.";

/// Send a request, follow its spans, say where they are lost
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    places: PlacesArgs,
}

/// Examines, prints, and fails when something does not work.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let places = Places::find(&context.state, &args.places)?;
    let report = examine(&places, &context.state).await;
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| Failure::failed(error.to_string()))?;
        context.terminal.line(json);
    } else {
        report.findings.iter().for_each(|finding| print(context, finding));
        let failed = report.findings.iter().filter(|finding| finding.state == State::Failed).count();
        context.terminal.line(match failed {
            0 => context.terminal.bold("everything on the way works"),
            1 => context.terminal.bold("one thing does not work"),
            more => context.terminal.bold(&format!("{more} things do not work; begin with the first")),
        });
    }
    Ok(if report.is_healthy() { 0 } else { FAILED })
}

fn print(context: &Context, finding: &Finding) {
    let terminal = &context.terminal;
    let (colour, mark) = match finding.state {
        State::Ok => ("32", "ok"),
        State::Warning => ("33", "!!"),
        State::Failed => ("31", "xx"),
        State::Skipped => ("2", "--"),
    };
    terminal.line(format!("{} {}: {}", terminal.paint(colour, mark), terminal.bold(&finding.part), finding.seen));
    if let Some(advice) = &finding.advice {
        terminal.line(format!("   {advice}"));
    }
}
