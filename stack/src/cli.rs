//! The command line: verbs and what they share.

use crate::failure::{Failure, Outcome};
use crate::terminal::Terminal;
use crate::verbs;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

const EXIT_CODES: &str = "Exit codes:
  0    done
  1    it ran and found errors: a process that does not start, a broken trace, a failed test
  2    it could not begin: bad usage, a missing program, an occupied port
  130  ended by Ctrl-C before it was done

NO_COLOR=1 turns colours off; without a terminal there are none.";

/// Runs the whole chain on this machine: gateway, services, PostgreSQL and the trace store.
#[derive(Parser)]
#[command(name = "cargo stack", bin_name = "cargo stack", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    context: ContextArgs,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb needs to know.
#[derive(clap::Args)]
struct ContextArgs {
    /// Where data, logs and the control socket are [default: .stack in the checkout; for root
    /// /var/lib/tracechain/<hash of the checkout>]
    #[arg(long, global = true, value_name = "DIRECTORY")]
    state_dir: Option<PathBuf>,
}

/// What every verb gets.
pub struct Context {
    /// Where data, logs and the control socket are.
    pub state: PathBuf,
    /// Where lines go.
    pub terminal: Terminal,
}

#[derive(Subcommand)]
enum Verb {
    Up(verbs::up::Args),
    Down(verbs::down::Args),
    Reset(verbs::reset::Args),
    Status(verbs::status::Args),
    Logs(verbs::logs::Args),
    Stop(verbs::stop::Args),
    Start(verbs::start::Args),
    Trace(verbs::trace::Args),
    Doctor(verbs::doctor::Args),
    Fault(verbs::fault::Args),
    Load(verbs::load::Args),
    Bench(verbs::bench::Args),
    Test(verbs::test::Args),
    Tidy(verbs::tidy::Args),
    Screenshots(verbs::screenshots::Args),
    InstallBackends(verbs::install_backends::Args),
    #[command(hide = true)]
    Supervise(verbs::supervise::Args),
}

/// Parses, runs the verb, prints why it failed.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::detect();
    let outcome = run_verb(cli, terminal.clone());
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal.error(&failure.message);
            ExitCode::from(failure.code)
        }
    }
}

fn run_verb(cli: Cli, terminal: Terminal) -> Outcome {
    let state = cli.context.state_dir.unwrap_or_else(|| native::state::directory(&native::state::checkout()));
    let state = std::path::absolute(&state).map_err(|error| Failure::cannot(format!("--state-dir: {error}")))?;
    let context = Context { state, terminal };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match cli.verb {
            Verb::Up(args) => verbs::up::run(args, &context).await,
            Verb::Down(args) => verbs::down::run(args, &context).await,
            Verb::Reset(args) => verbs::reset::run(args, &context).await,
            Verb::Status(args) => verbs::status::run(args, &context).await,
            Verb::Logs(args) => verbs::logs::run(args, &context).await,
            Verb::Stop(args) => verbs::stop::run(args, &context).await,
            Verb::Start(args) => verbs::start::run(args, &context).await,
            Verb::Trace(args) => verbs::trace::run(args, &context).await,
            Verb::Doctor(args) => verbs::doctor::run(args, &context).await,
            Verb::Fault(args) => verbs::fault::run(args, &context).await,
            Verb::Load(args) => verbs::load::run(args, &context).await,
            Verb::Bench(args) => verbs::bench::run(args, &context).await,
            Verb::Test(args) => verbs::test::run(args, &context).await,
            Verb::Tidy(args) => verbs::tidy::run(args, &context).await,
            Verb::Screenshots(args) => verbs::screenshots::run(args, &context).await,
            Verb::InstallBackends(args) => verbs::install_backends::run(args, &context).await,
            Verb::Supervise(args) => verbs::supervise::run(args, &context).await,
        }
    });
    // A thread that still follows a log or a socket must not keep the tool from ending.
    runtime.shutdown_background();
    outcome
}
