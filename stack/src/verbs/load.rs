//! `cargo stack load`: a steady rate of requests, and whether every trace is whole.

use crate::cli::Context;
use crate::client::Client;
use crate::failure::{FAILED, Failure, Outcome};
use crate::load::{Checked, Checks, Load, Report, run as send};
use crate::settings::Settings;
use crate::supervisor::Status;
use crate::traces::{Traces, cannot_read_back};
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  cargo stack load --rate 200 --duration 20s
  cargo stack load --rate 50 --duration 5m --json > load.json

Requests leave when they are due, answered or not; latency counts from then. The exit code is 1 when a request
failed or a trace is not whole.";

/// What the README sends.
pub const BODY: &str = r#"{"user_id": 1001, "action": "test_trace"}"#;
/// The route of the chain.
pub const PATH: &str = "/api/v1/process";
/// More than one machine's sockets can carry.
const MOST_PER_SECOND: f64 = 10_000.0;
/// On a terminal there is a bar, elsewhere a line this often.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// Send requests at a steady rate and check every trace
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Requests a second
    #[arg(long, default_value_t = 50.0, value_parser = rate)]
    rate: f64,
    /// For how long: 500ms, 20s, 5m
    #[arg(long, default_value = "20s", value_parser = duration)]
    duration: Duration,
    /// Where to, instead of the running stack's gateway
    #[arg(long)]
    url: Option<String>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Sends, checks the traces as they come, reports.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let status = Client::find(&context.state).map(|client| client.status()).transpose()?;
    let gateway = status.as_ref().map(|status| format!("{}{PATH}", Settings::url(status.settings.ports.gateway)));
    let url = args.url.clone().or(gateway).ok_or_else(Failure::nothing_runs)?;
    let (traces, unchecked) = readable(status.as_ref())?;
    let checks = traces.clone().map(Checks::begin);
    let load = Load { url, rate: args.rate, duration: args.duration, body: BODY };
    let bar = context.terminal.bar(load.count());
    let said = (!args.json && bar.is_hidden()).then(|| say_progress(context, &load, &bar));
    let report = send(&load, checks.as_ref(), &bar).await;
    bar.finish_and_clear();
    if let Some(said) = said {
        said.abort();
    }
    let report = report?;
    let checked = match checks {
        Some(checks) => {
            context.terminal.spinner().set_message("checking the last traces");
            Some(checks.end().await)
        }
        None => None,
    };
    let samples_all = status.as_ref().is_none_or(|status| status.samples_all);
    let sound = report.errors() == 0 && checked.as_ref().is_none_or(|checked| is_sound(checked, samples_all, &report));
    let slowest = report
        .slowest()
        .zip(traces.as_ref())
        .filter(|_| samples_all)
        .map(|((latency, id), traces)| (latency, traces.page(id)));
    if args.json {
        print_json(context, &report, checked.as_ref(), slowest.as_ref())?;
    } else {
        context.terminal.line(report.text());
        print_checked(context, checked.as_ref(), unchecked.as_deref(), samples_all);
        if let Some((latency, page)) = slowest {
            context.terminal.line(format!("slowest ({:.1} ms): {page}", latency.as_secs_f64() * 1_000.0));
        }
    }
    Ok(if sound { 0 } else { FAILED })
}

/// Where traces can be read, or why they cannot.
fn readable(status: Option<&Status>) -> Result<(Option<Traces>, Option<String>), Failure> {
    match status {
        None => Ok((None, Some("no stack runs here whose traces could be read".into()))),
        Some(Status { elsewhere: Some(elsewhere), .. }) => Ok((None, Some(cannot_read_back(elsewhere)))),
        Some(status) if status.samples_none => Ok((None, Some("nothing is sampled: there are no traces".into()))),
        Some(status) => Ok((Some(Traces::of(status)?), None)),
    }
}

/// Every answer has a whole trace; with sampling, every trace that there is.
fn is_sound(checked: &Checked, samples_all: bool, report: &Report) -> bool {
    let complete = checked.whole + report.errors() == report.sent();
    checked.broken == 0 && (!samples_all || complete)
}

fn print_checked(context: &Context, checked: Option<&Checked>, unchecked: Option<&str>, samples_all: bool) {
    let Some(checked) = checked else {
        context.terminal.warn(format!("traces were not checked: {}", unchecked.unwrap_or_default()));
        return;
    };
    if samples_all {
        context.terminal.line(format!("traces: {} of {} whole", checked.whole, checked.total()));
    } else {
        let sampled = checked.whole + checked.broken;
        context.terminal.line(format!("traces: {} of {sampled} sampled ones whole", checked.whole));
    }
    if checked.broken > 0 || (samples_all && checked.unknown > 0) {
        for (id, problem) in &checked.examples {
            context.terminal.warn(format!("trace {id}: {problem}"));
        }
    }
}

fn print_json(
    context: &Context,
    report: &Report,
    checked: Option<&Checked>,
    slowest: Option<&(Duration, String)>,
) -> Result<(), Failure> {
    let mut json = report.json();
    if let Some(object) = json.as_object_mut() {
        let traces = checked.map(|checked| {
            serde_json::json!({"whole": checked.whole, "broken": checked.broken, "unknown": checked.unknown, "examples": checked.examples})
        });
        object.insert("traces".into(), traces.into());
        object.insert("slowest".into(), slowest.map(|(_, page)| page.clone()).into());
    }
    let text = serde_json::to_string_pretty(&json).map_err(|error| Failure::failed(error.to_string()))?;
    context.terminal.line(text);
    Ok(())
}

fn say_progress(context: &Context, load: &Load, bar: &indicatif::ProgressBar) -> tokio::task::JoinHandle<()> {
    let (terminal, bar, count) = (context.terminal.clone(), bar.clone(), load.count());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SAY_EVERY).await;
            terminal.line(format!("{} of {count} requests, {}", bar.position(), bar.message()));
        }
    })
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= MOST_PER_SECOND => Ok(rate),
        _ => Err(format!("a number above 0, at most {MOST_PER_SECOND}")),
    }
}

/// `500ms`, `20s`, `5m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a number with ms, s, m or h, as in 20s".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    milliseconds.filter(|milliseconds| *milliseconds > 0).map(Duration::from_millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["20", "s", "0s", "-1s", "1.5s", "99999999999999999999h", "20 s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
