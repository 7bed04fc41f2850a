//! The process around the library: arguments, the log, signals. `observatory healthcheck` asks the one that runs.

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use observatory::Config;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Where readiness is asked for.
const READY: &str = "/readyz";

#[derive(Parser)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    question: Option<Question>,
}

#[derive(Subcommand)]
enum Question {
    /// Ask the one that runs with the same settings whether it is ready: exit code 0 or 1
    Healthcheck,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { config, question } = Arguments::parse();
    if let Some(Question::Healthcheck) = question {
        return probe::healthcheck(config.listen_http, READY);
    }
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("observatory: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_new(&config.log);
    let filter = filter.map_err(|error| format!("RUST_LOG (--log) must be a filter such as info: {error}"))?;
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(io::stderr).init();
    // Both are listened to before anything is started, so that none can end the process the hard way.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = observatory::start(config).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("observatory stops");
    server.stop().await;
    Ok(())
}
