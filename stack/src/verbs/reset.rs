//! `cargo stack reset`: everything stops and its data go.

use crate::cli::Context;
use crate::failure::{CANNOT, Failure, Outcome};
use std::fs;
use std::io::{BufRead, IsTerminal, Write};

const EXAMPLES: &str = "Examples:
  cargo stack reset          asks first
  cargo stack reset --yes";

/// Stop everything and delete its data and logs
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// What a stack writes into its state directory. Only this is deleted: the directory may be somebody's own.
const OURS: [&str; 9] = [
    "postgres",
    crate::settings::BACKENDS,
    "nginx",
    "logs",
    "role.passwords",
    "running.json",
    "running.partial",
    "control.sock",
    crate::verbs::up::LOCK,
];

/// Asks, stops, deletes.
pub async fn run(args: Args, context: &Context) -> Outcome {
    if !context.state.exists() {
        context.terminal.line("there are no data");
        return Ok(0);
    }
    if !args.yes && !confirmed(context)? {
        context.terminal.line("nothing was deleted");
        return Ok(CANNOT);
    }
    super::down::stop_everything(&context.state)?;
    for name in OURS {
        let path = context.state.join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::failed(format!("cannot delete {}: {error}", path.display())));
            }
            _ => {}
        }
    }
    // Not empty when there is something that is not ours.
    let _ = fs::remove_dir(&context.state);
    context.terminal.done(format!("deleted the data in {}", context.state.display()));
    Ok(0)
}

fn confirmed(context: &Context) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::cannot("there is nobody to ask; say --yes"));
    }
    print!("Delete all data and logs in {}? [y/N] ", context.state.display());
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
