//! `cargo stack install-backends`: Collector, Prometheus, promtool and Loki, built from their sources.

use crate::cli::Context;
use crate::failure::{FAILED, Failure, Outcome};
use crate::install::{self, Installed, Told};
use crate::terminal::Terminal;
use native::backends::Program;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const EXAMPLES: &str = "Examples:
  cargo stack install-backends                    builds what is missing; the first time takes 15 to 30 minutes
  cargo stack install-backends --only otelcol
  cargo stack install-backends --list             what is there, which version, where
  cargo stack install-backends --list --json | jq -r '.[] | select(.path == null) | .program'

They are built with Go from the sources that the Go module proxy has, into TRACECHAIN_CACHE, else into tracechain in
XDG_CACHE_HOME or ~/.cache. What OTELCOL_BIN, PROMETHEUS_BIN, PROMTOOL_BIN, LOKI_BIN or PATH has is not built. Tempo is in
no package registry: it is taken from TEMPO_BIN or PATH. The exit code is 1 when something could not be built.";

/// Build Collector, Prometheus, promtool and Loki where they are missing
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only these, separated by commas: otelcol, prometheus, promtool, loki
    #[arg(long, value_delimiter = ',', value_name = "NAME", value_parser = program)]
    only: Vec<Program>,
    /// Build nothing; show what is there
    #[arg(long)]
    list: bool,
    /// An array of {program, version, path, built_in_seconds, problem} instead of text
    #[arg(long)]
    json: bool,
}

/// Builds, or only looks.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let terminal = context.terminal.clone();
    let wanted = |program: &Program| args.only.is_empty() || args.only.contains(program);
    let programs: Vec<Program> = Program::ALL.into_iter().filter(wanted).collect();
    if args.list {
        list(&terminal, &programs, args.json)?;
        return Ok(0);
    }
    let interrupted = interrupted_by_signal();
    let silent = args.json;
    let installing = tokio::task::spawn_blocking(move || {
        let told = Told { terminal: &terminal, silent, interrupted: &interrupted };
        install::install(&programs, &told, |installed| {
            if !silent {
                tell(&terminal, installed);
            }
        })
    });
    let installed = installing.await.map_err(|error| Failure::failed(error.to_string()))??;
    if args.json {
        print(&context.terminal, installed.iter().map(of_installed).collect())?;
    }
    let failed = installed.iter().any(|installed| installed.outcome.is_err());
    Ok(if failed { FAILED } else { 0 })
}

/// A flag that is set by the first signal that asks a program to end.
fn interrupted_by_signal() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&interrupted);
    tokio::spawn(async move {
        if super::up::signals().await.is_ok() {
            seen.store(true, Ordering::Relaxed);
        }
    });
    interrupted
}

fn tell(terminal: &Terminal, installed: &Installed) {
    let name = installed.program.name();
    match (&installed.outcome, installed.seconds) {
        (Ok(path), Some(seconds)) => terminal.done(format!("{name} is built ({seconds} s): {}", path.display())),
        (Ok(path), None) => terminal.done(format!("{name} is there: {}", path.display())),
        (Err(failure), _) => terminal.warn(format!("{name} could not be built: {}", failure.message)),
    }
}

fn list(terminal: &Terminal, programs: &[Program], json: bool) -> Result<(), Failure> {
    if json {
        return print(terminal, programs.iter().map(|program| of_found(*program)).collect());
    }
    for program in programs {
        let name = program.name();
        match program.find() {
            Ok(path) => {
                let version = version_of(*program, &path).unwrap_or_else(|| "-".into());
                terminal.line(format!("{name:<11} {version:<9} {}", path.display()));
            }
            Err(native::Error::NotInstalled { .. }) => {
                let missing = terminal.paint("33", "not there");
                terminal.line(format!("{name:<11} {missing} {}", program.cure()));
            }
            Err(wrong) => terminal.line(format!("{name:<11} {wrong}")),
        }
    }
    Ok(())
}

fn of_found(program: Program) -> Value {
    match program.find() {
        Ok(path) => entry(program, Some(&path), None, None),
        Err(problem) => entry(program, None, None, Some(problem.to_string())),
    }
}

fn of_installed(installed: &Installed) -> Value {
    let path = installed.outcome.as_ref().ok().map(std::path::PathBuf::as_path);
    let problem = installed.outcome.as_ref().err().map(|failure| failure.message.clone());
    entry(installed.program, path, installed.seconds, problem)
}

fn entry(program: Program, path: Option<&Path>, seconds: Option<u64>, problem: Option<String>) -> Value {
    json!({
        "program": program.name(),
        "version": path.and_then(|path| version_of(program, path)),
        "path": path,
        "built_in_seconds": seconds,
        "problem": problem,
    })
}

/// What is built here is of a known version; others are asked.
fn version_of(program: Program, path: &Path) -> Option<String> {
    let built_here = program.cached().ok().flatten().is_some_and(|cached| cached == path);
    if built_here { install::version(program).map(str::to_owned) } else { Program::version_at(path) }
}

fn print(terminal: &Terminal, entries: Vec<Value>) -> Result<(), Failure> {
    terminal.line(serde_json::to_string_pretty(&entries).map_err(|error| Failure::failed(error.to_string()))?);
    Ok(())
}

/// `collector` is what people call it; `otelcol` is the program's name.
fn program(text: &str) -> Result<Program, String> {
    let name = if text == "collector" { "otelcol" } else { text };
    let found = Program::ALL.into_iter().find(|program| program.name() == name && install::is_built_here(*program));
    found.ok_or_else(|| match text {
        "tempo" => "it is in no package registry: TEMPO_BIN or PATH".to_owned(),
        _ => "there are otelcol, prometheus, promtool and loki".to_owned(),
    })
}
