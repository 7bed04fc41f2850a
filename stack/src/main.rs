//! `cargo stack`: the whole chain on this machine, from one command.
//!
//! - `cli` has the verbs, `verbs` a file for each.
//! - `supervisor` keeps the processes running and answers on a unix socket; `client` talks to it.
//! - `install` builds the backends that no package of the system has.
//! - `bench` measures what telemetry costs.
//! - `tidy` holds what prose and configuration claim against what is there.

mod bench;
mod cli;
mod client;
mod compile;
mod config;
mod failure;
mod install;
mod load;
mod packages;
mod settings;
mod supervisor;
mod terminal;
mod tidy;
mod traces;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
