//! `cargo stack supervise`: what `up --detach` leaves behind. Not for people.

use crate::cli::Context;
use crate::config::Telemetry;
use crate::failure::{Failure, Outcome};
use crate::settings::Settings;
use crate::supervisor::Supervisor;
use crate::verbs::up::signals;
use std::sync::Arc;

/// Keep the processes of a stack running; `up --detach` starts it
#[derive(clap::Args)]
pub struct Args {
    /// The settings as JSON
    settings: String,
}

/// Leaves the terminal's session, starts everything, writes what happens to standard output.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let settings: Settings =
        serde_json::from_str(&args.settings).map_err(|error| Failure::cannot(format!("settings: {error}")))?;
    // Ctrl-C in the terminal, and its end, are not for us from here on.
    nix::unistd::setsid().map_err(|error| Failure::failed(format!("setsid: {error}")))?;
    let telemetry = Telemetry::from_environment(settings.ports.otlp_http)?;
    let supervisor = Supervisor::launch(settings, telemetry)?;
    stop_on_signal(&supervisor);
    let terminal = context.terminal.clone();
    let watched = Arc::clone(&supervisor);
    let watching = tokio::task::spawn_blocking(move || {
        watched.watch(|event| {
            super::up::narrate(&terminal, event);
            true
        });
    });
    watching.await.map_err(|error| Failure::failed(error.to_string()))?;
    Ok(0)
}

/// Stops everything on the first signal.
pub fn stop_on_signal(supervisor: &Arc<Supervisor>) {
    let supervisor = Arc::clone(supervisor);
    tokio::spawn(async move {
        if signals().await.is_ok() {
            let _ = tokio::task::spawn_blocking(move || supervisor.stop_all()).await;
        }
    });
}
