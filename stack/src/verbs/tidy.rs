//! `cargo stack tidy`: what prose and configuration claim, held against what is there.

use crate::cli::Context;
use crate::failure::{FAILED, Outcome};
use crate::tidy;

const EXAMPLES: &str = "Examples:
  cargo stack tidy     also part of `cargo stack test`";

/// Check versions, file lengths, documents and settings
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Runs every check and names everything that is wrong.
pub async fn run(_: Args, context: &Context) -> Outcome {
    let failed = check(context);
    Ok(if failed == 0 { 0 } else { FAILED })
}

/// Runs every check; says how many failed.
pub fn check(context: &Context) -> usize {
    let root = native::state::checkout();
    let mut failed = 0;
    for (name, run) in tidy::CHECKS {
        let problems = run(&root);
        if problems.is_empty() {
            context.terminal.done(format!("tidy: {name}"));
            continue;
        }
        failed += 1;
        context.terminal.warn(format!("tidy: not so: {name}"));
        for problem in problems {
            context.terminal.line(format!("   {problem}"));
        }
    }
    failed
}
