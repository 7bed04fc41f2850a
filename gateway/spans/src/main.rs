//! `gateway-spans`: see the library. `gateway-spans healthcheck` asks the one that runs.

use clap::{Parser, Subcommand};
use gateway_spans::{Args, Broken, Config};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// It ran and broke.
const BROKEN: u8 = 1;
/// It could not begin, mostly because of a setting; clap uses the same code.
const CANNOT: u8 = 2;

/// Where it is asked whether it lives.
const LIVE: &str = "/livez";

#[derive(Parser)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    args: Args,
    #[command(subcommand)]
    question: Option<Question>,
}

#[derive(Subcommand)]
enum Question {
    /// Ask the one that runs with the same settings whether it lives: exit code 0 or 1
    Healthcheck,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { args, question } = Arguments::parse();
    match question {
        Some(Question::Healthcheck) => healthcheck(args),
        None => finish(run(args).await),
    }
}

fn healthcheck(args: Args) -> ExitCode {
    match Config::try_from(args).map(|config| config.listen) {
        Ok(Some(listen)) => probe::healthcheck(listen, LIVE),
        Ok(None) => failed(&"LISTEN is not set, so there is nothing to ask", CANNOT),
        Err(error) => failed(&error, CANNOT),
    }
}

fn finish(ended: Result<Option<Broken>, Box<dyn std::error::Error>>) -> ExitCode {
    match ended {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(broken)) => failed(&broken, BROKEN),
        Err(error) => failed(&error, CANNOT),
    }
}

fn failed(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("gateway-spans: {error}");
    ExitCode::from(code)
}

/// Runs until a signal, or until it breaks.
async fn run(args: Args) -> Result<Option<Broken>, Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut server = gateway_spans::start(Config::try_from(args)?).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        broken = server.broken() => return Ok(Some(broken)),
    }
    server.stop().await;
    Ok(None)
}
