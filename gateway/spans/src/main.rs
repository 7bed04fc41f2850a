//! `gateway-spans`: see the library.

use clap::Parser;
use gateway_spans::{Args, Broken, Config};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// It ran and broke.
const BROKEN: u8 = 1;
/// It could not begin, mostly because of a setting; clap uses the same code.
const CANNOT: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(broken)) => failed(&broken, BROKEN),
        Err(error) => failed(&*error, CANNOT),
    }
}

fn failed(error: &dyn std::error::Error, code: u8) -> ExitCode {
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
