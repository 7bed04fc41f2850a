//! `cargo stack bench`: what telemetry costs, beside the same programs without it.

use crate::bench::{GatewayMeasurement, Measurement, Mode, Part, run as measure, run_gateway};
use crate::cli::Context;
use crate::failure::{FAILED, Failure, Outcome};
use clap::ValueEnum;
use native::state::checkout;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  cargo stack bench telemetry                                   everything: half an hour, beside the first build
  cargo stack bench telemetry --rounds 60 --seconds 1           finer figures, on a machine with nothing else to do
  cargo stack bench telemetry --only instructions               the same on a busy machine as on an idle one
  cargo stack bench telemetry --only cpu --modes disabled,on
  cargo stack bench telemetry --only micro,loss --json
  cargo stack bench telemetry --only faults,sigterm             receivers with which something is wrong; ends under load
  NGINX_OTEL_MODULE=/usr/lib/nginx/modules/ngx_otel_module.so cargo stack bench gateway

The programs are built first, optimised as for a release. The exit code is 1 when a figure is not reached.
Results: results.json, results.md, overhead.svg, and callgrind's profiles for callgrind_annotate.";

/// More would take days, and say no more: how sure a median is, is reckoned for as many.
const MOST_ROUNDS: i64 = 1_000;

/// Measure what telemetry costs
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to measure
    subject: Subject,
    /// Only these parts, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    only: Vec<Part>,
    /// Only these modes, separated by commas, and what they are divided by
    #[arg(long, value_delimiter = ',', value_name = "MODES", value_parser = Mode::named)]
    modes: Vec<Mode>,
    /// How often the programs of all modes are started and take turns
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=MOST_ROUNDS))]
    rounds: u16,
    /// How long each mode is run in each round, in all its turns together
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    seconds: u16,
    /// Requests under way at a time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Requests whose instructions are counted
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u64).range(1..))]
    requests: u64,
    /// How long spans are made for the part `loss`, in seconds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    loss_seconds: u64,
    /// How long the chain runs with each receiver for the part `faults`, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..))]
    fault_seconds: u16,
    /// Where results are written [default: target/bench/<subject> in the checkout]
    #[arg(long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// What there is to measure.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// Traces and metrics
    Telemetry,
    /// The spans of nginx's OpenTelemetry module, which NGINX_OTEL_MODULE names
    Gateway,
}

/// Builds, measures, reports.
pub async fn run(args: Args, context: &Context) -> Outcome {
    if matches!(args.subject, Subject::Gateway) {
        return run_on_gateway(args, context).await;
    }
    let measurement = Measurement {
        parts: if args.only.is_empty() { Part::value_variants().to_vec() } else { args.only },
        modes: Mode::with_baselines(&args.modes),
        rounds: args.rounds.into(),
        time: Duration::from_secs(args.seconds.into()),
        connections: args.connections.into(),
        requests: args.requests,
        loss_seconds: args.loss_seconds,
        fault_time: Duration::from_secs(args.fault_seconds.into()),
        output: std::path::absolute(args.output.unwrap_or_else(|| checkout().join("target/bench/telemetry")))?,
        json: args.json,
    };
    let terminal = context.terminal.clone();
    outcome(tokio::task::spawn_blocking(move || measure(&measurement, &terminal)).await)
}

async fn run_on_gateway(args: Args, context: &Context) -> Outcome {
    let measurement = GatewayMeasurement {
        rounds: args.rounds.into(),
        time: Duration::from_secs(args.seconds.into()),
        connections: args.connections.into(),
        output: std::path::absolute(args.output.unwrap_or_else(|| checkout().join("target/bench/gateway")))?,
        json: args.json,
    };
    let terminal = context.terminal.clone();
    outcome(tokio::task::spawn_blocking(move || run_gateway(&measurement, &terminal)).await)
}

fn outcome(measured: Result<Result<bool, Failure>, tokio::task::JoinError>) -> Outcome {
    let reached = measured.map_err(|error| Failure::failed(error.to_string()))??;
    Ok(if reached { 0 } else { FAILED })
}
