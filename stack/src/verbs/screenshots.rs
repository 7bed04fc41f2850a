//! `cargo stack screenshots`: the pictures that the README shows, taken anew.

use crate::cli::Context;
use crate::failure::{FAILED, Failure, Outcome};
use crate::{compile, packages};
use std::process::Stdio;

const EXAMPLES: &str = "Examples:
  cargo stack screenshots   docs/images: the list of traces and one trace, in the light and in the dark

A test takes them, of a chain of its own, and fails where the page does not show that chain's traces. Chromium is installed
where it is missing; `cargo stack test` only looks at the page where there is one.";

/// The test, and where it is.
const TEST: [&str; 6] = ["test", "--package", "chain-tests", "--test", "backends", "screenshots::"];
/// Tells the test where the pictures go.
const KEEP_IN: &str = "TRACECHAIN_SCREENSHOTS";
/// From the root of the checkout.
const FOLDER: &str = "docs/images";

/// Take the pictures of the page anew, by a browser
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Installs what is missing and runs the test.
pub async fn run(_: Args, context: &Context) -> Outcome {
    packages::ensure(&context.terminal)?;
    packages::ensure_chromium(&context.terminal)?;
    let folder = native::state::checkout().join(FOLDER);
    let taking = tokio::task::spawn_blocking(move || {
        compile::cargo().args(TEST).env(KEEP_IN, folder).stdin(Stdio::null()).status()
    });
    let taken = taking.await.map_err(|error| Failure::failed(error.to_string()))??;
    if taken.success() {
        context.terminal.done(format!("the pictures are in {FOLDER}"));
        return Ok(0);
    }
    Ok(FAILED)
}
