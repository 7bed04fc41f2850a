//! A service as a process: from `main` to its exit code. `<service> healthcheck` asks the one that runs, and is all that a
//! container without a shell needs for its health check.

use std::ffi::OsString;
use std::fmt::Display;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::env::{Environment, EnvironmentError};
use crate::health::READY;
use crate::server::{BLOCKING_THREADS, Server, StartError};

/// The exit code for a wrong setting: 78 is `EX_CONFIG` of sysexits.
const WRONG_CONFIGURATION: u8 = 78;
/// The exit code for a wrong argument, which clap uses too.
const WRONG_ARGUMENT: u8 = 2;

/// Runs a service until SIGTERM or SIGINT, or, called with `healthcheck`, asks the one that runs with the same settings
/// whether it is ready. Its `main` is this call.
pub fn run<C: AsRef<Config>>(
    config: impl FnOnce(Environment) -> Result<C, EnvironmentError>,
    start: impl AsyncFnOnce(C) -> Result<Server, StartError>,
) -> ExitCode {
    let config = match config(Environment::of_process()) {
        Ok(config) => config,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    let chassis = config.as_ref();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [] => {}
        [only] if only == probe::HEALTHCHECK => return probe::healthcheck(chassis.listen, READY),
        _ => return failed(&"the only argument is healthcheck; settings are variables", WRONG_ARGUMENT),
    }
    serve(config, start)
}

/// As [`run`], whatever the arguments are: for a program that has some of its own, such as a test that is its own service.
pub fn serve<C: AsRef<Config>>(config: C, start: impl AsyncFnOnce(C) -> Result<Server, StartError>) -> ExitCode {
    let chassis = config.as_ref();
    if let Err(error) = telemetry::logs::start(&chassis.identity.name, &chassis.log_filter) {
        return failed(
            &format!("RUST_LOG must be a filter such as info or user_service=debug: {error}"),
            WRONG_CONFIGURATION,
        );
    }
    // The server has threads of its own for requests; this runtime has the signals, the migrations and the pool's upkeep.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.worker_threads(1).max_blocking_threads(BLOCKING_THREADS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error, 1),
    };
    let code = runtime.block_on(async {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return failed(&"signals cannot be waited for", 1);
        };
        let server = match start(config).await {
            Ok(server) => server,
            Err(error) => return failed(&error, 1),
        };
        telemetry::logs::export_through(server.telemetry());
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        server.stop().await;
        ExitCode::SUCCESS
    });
    // The lookup of a name cannot be broken off, and may take many seconds: nobody is left to use what it finds.
    runtime.shutdown_background();
    code
}

/// Says on stderr why the process ends: there may be no log yet.
fn failed(error: &dyn Display, code: u8) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(code)
}
