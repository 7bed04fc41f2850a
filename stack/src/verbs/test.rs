//! `cargo stack test`: everything that is checked before a change is taken.

mod count;
mod page;

use crate::cli::Context;
use crate::failure::{FAILED, Failure, Outcome};
use crate::terminal::Terminal;
use crate::{compile, packages, settings, tidy};
use count::Count;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Instant;

const EXAMPLES: &str = "Examples:
  cargo stack test                everything
  cargo stack test trace_of_404   only the tests whose name has this; no other check
  cargo stack test --backends     only the tests with a real Collector, Prometheus, and Tempo where it is
  cargo stack test --backends edges
  cargo stack test --compose      only docker-compose.yaml, on a real engine

The last line is `N passed, N failed`, with `, N skipped` where something cannot be run here; before it stands what was
skipped and why. Missing programs are installed as by `up`; the backends by `cargo stack install-backends`.";

/// Format, lints, all tests against real PostgreSQL and nginx, and tidy
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only the tests whose name has this
    filter: Option<String>,
    /// Only the tests with the real backends; fails where Collector or Prometheus is missing
    #[arg(long)]
    backends: bool,
    /// Only docker-compose.yaml: brought up on an engine that answers, or on one that is started where there is dockerd; with
    /// stand-ins for images that cannot be pulled
    #[arg(long, conflicts_with = "backends")]
    compose: bool,
}

/// Which tests are run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of them, and whatever else is checked.
    Everything,
    /// Those with the real backends.
    Backends,
    /// Those of the containers.
    Containers,
}

/// Without it the tests of the containers are skipped: they take many minutes, and an engine.
const CONTAINERS_ASKED_FOR: (&str, &str) = ("TRACECHAIN_TEST_COMPOSE", "1");

impl Part {
    /// The arguments of `cargo test` that choose its targets.
    fn targets(self) -> &'static [&'static str] {
        match self {
            Self::Everything => &["--workspace"],
            Self::Backends => &["--package", "chain-tests", "--package", "stack", "--test", "backends"],
            Self::Containers => &["--package", "chain-tests", "--test", "containers"],
        }
    }

    /// The arguments of the tests themselves.
    fn manner(self) -> &'static [&'static str] {
        match self {
            Self::Everything | Self::Backends => &[],
            // They look at one stack, one after the other.
            Self::Containers => &["--", "--test-threads=1"],
        }
    }
}

/// Runs everything, also after a failure, so that one run tells all. The count is the very last line, whatever
/// happens.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let count = match count_all(args, context).await {
        Ok(count) => count,
        Err(failure) => {
            context.terminal.error(failure.message);
            Count::failure()
        }
    };
    // Standard error first, also where both go to one file.
    let _ = std::io::stderr().flush();
    for skipped in count.skipped_names() {
        context.terminal.warn(format!("skipped: {skipped}"));
    }
    context.terminal.line(count.line());
    Ok(if count.failed == 0 { 0 } else { FAILED })
}

async fn count_all(args: Args, context: &Context) -> Result<Count, Failure> {
    let part = match args {
        Args { backends: true, .. } => Part::Backends,
        Args { compose: true, .. } => Part::Containers,
        _ => Part::Everything,
    };
    if part == Part::Backends {
        // Where nothing of it can be run, skipping all of it would look like success.
        settings::absent()?;
    }
    if part != Part::Containers {
        packages::ensure(&context.terminal)?;
    }
    let filter = args.filter;
    let whole = filter.is_none() && part == Part::Everything;
    let terminal = context.terminal.clone();
    let tests = tokio::task::spawn_blocking(move || all(&terminal, part, filter.as_deref())).await;
    let mut count = tests.map_err(|error| Failure::failed(error.to_string()))??;
    if whole {
        let failed = super::tidy::check(context);
        count.add_checks(tidy::CHECKS.len() - failed, failed);
    }
    Ok(count)
}

fn all(terminal: &Terminal, part: Part, filter: Option<&str>) -> Result<Count, Failure> {
    let mut count = Count::default();
    let whole = filter.is_none() && part == Part::Everything;
    if whole {
        let fmt = ["fmt", "--all", "--check"];
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        for (name, arguments) in [("format", &fmt[..]), ("lints", &clippy[..])] {
            let passed = check(terminal, name, arguments)?;
            count.add_checks(usize::from(passed), usize::from(!passed));
        }
    }
    // Unoptimised, as lints are: that builds in half the time, and has overflow checks and debug assertions.
    let mut arguments = vec!["test"];
    arguments.extend(part.targets());
    arguments.push("--no-fail-fast");
    arguments.extend(filter);
    arguments.extend(part.manner());
    count.add_tests(tests(terminal, part, &arguments)?);
    if whole {
        count.add_tests(page::tests(terminal)?);
    }
    Ok(count)
}

/// A cargo command that succeeds or not; its output is shown as it comes.
fn check(terminal: &Terminal, name: &str, arguments: &[&str]) -> Result<bool, Failure> {
    let begun = Instant::now();
    terminal.step(format!("{name}: cargo {}", arguments.join(" ")));
    let passed = compile::cargo().args(arguments).stdin(Stdio::null()).status()?.success();
    tell(terminal, name, passed, begun);
    Ok(passed)
}

/// All tests; their output is shown as it comes and counted.
fn tests(terminal: &Terminal, part: Part, arguments: &[&str]) -> Result<Count, Failure> {
    let begun = Instant::now();
    terminal.step(format!("tests: cargo {}", arguments.join(" ")));
    let mut cargo = compile::cargo();
    if part == Part::Containers {
        cargo.env(CONTAINERS_ASKED_FOR.0, CONTAINERS_ASKED_FOR.1);
    }
    let mut child = cargo.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut count = Count::default();
    let output = child.stdout.take().map(BufReader::new);
    for line in output.into_iter().flat_map(|output| output.split(b'\n').map_while(Result::ok)) {
        let line = String::from_utf8_lossy(&line);
        terminal.line(&line);
        count.read(&line);
    }
    let passed = child.wait()?.success();
    if !passed && count.failed == 0 {
        // It did not compile, or a test ended its whole process.
        count.failed = 1;
    }
    tell(terminal, "tests", passed, begun);
    Ok(count)
}

fn tell(terminal: &Terminal, name: &str, passed: bool, begun: Instant) {
    let text = format!("{name} ({} s)", begun.elapsed().as_secs());
    if passed { terminal.done(text) } else { terminal.warn(format!("failed: {text}")) }
}
