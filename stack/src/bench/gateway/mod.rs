//! What the gateway's two spans cost: processor time of nginx's worker a request, as a ratio to the gateway that only
//! proxies. The same rules, limits and log; what differs is the second hop, and the spans.

mod client;
mod ground;

use super::cpu::CpuTime;
use super::figures::Figure;
use super::median::{bounds, median};
use super::results::Machine;
use super::table::Table;
use crate::failure::Failure;
use crate::terminal::Terminal;
use ground::Ground;
use serde::Serialize;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What both traced hops may cost, to the plain proxy.
const TRACED_AT_MOST: f64 = 2.2;
/// Spans of a request.
const SPANS: u64 = 2;
/// Fills pools and caches, and opens connections.
const WARM_UP: Duration = Duration::from_millis(500);
/// The module sends once a second; twice that, and the receiver's time.
const SPANS_LIMIT: Duration = Duration::from_secs(10);
/// Between two looks at how many have come.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// One that reaches a service.
const PATH: &str = "/api/v1/users/1001";

/// A way to run the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    /// nginx that only proxies, without anything of ours.
    Bare,
    /// The gateway on stock nginx: one hop.
    Plain,
    /// With the module: two hops, and no trace sampled.
    Unsampled,
    /// With the module: two hops, each with its span.
    Traced,
}

const VARIANTS: [Variant; 4] = [Variant::Bare, Variant::Plain, Variant::Unsampled, Variant::Traced];

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Plain => "plain",
            Self::Unsampled => "unsampled",
            Self::Traced => "traced",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Bare => "nginx that only proxies",
            Self::Plain => "the gateway as a plain proxy, one hop",
            Self::Unsampled => "two hops, nothing sampled",
            Self::Traced => "two hops, both traced",
        }
    }
}

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct GatewayMeasurement {
    /// Rounds of every variant, the order reversed every time.
    pub rounds: usize,
    /// How long each runs in each round.
    pub time: Duration,
    /// Requests under way at a time.
    pub connections: usize,
    /// Where results go.
    pub output: PathBuf,
    /// One JSON object instead of text.
    pub json: bool,
}

/// A variant's results.
#[derive(Debug, Serialize)]
struct Row {
    variant: &'static str,
    title: &'static str,
    /// Microseconds of processor time of nginx's worker a request: the median of the rounds.
    cpu_us: f64,
    /// To the plain proxy: the median of the ratios within each round.
    ratio: f64,
    /// The same in each round.
    ratios: Vec<f64>,
    requests: u64,
    spans_due: u64,
    spans_received: u64,
}

#[derive(Debug, Serialize)]
struct Results {
    machine: Machine,
    rounds: usize,
    seconds: f64,
    connections: usize,
    rows: Vec<Row>,
    figures: Vec<Figure>,
}

/// One variant in one round.
#[derive(Debug, Clone, Copy)]
struct Sample {
    cpu_us: f64,
    requests: u64,
    spans: u64,
}

/// Measures, prints, writes; says whether the figure is reached.
pub fn run(measurement: &GatewayMeasurement, terminal: &Terminal) -> Result<bool, Failure> {
    // Only the result may be on standard output then.
    let tell = |text: &str| {
        if !measurement.json {
            terminal.step(text);
        }
    };
    let ground = Ground::start(&measurement.output.join("run"), &tell)?;
    let mut samples: [Vec<Sample>; 4] = Default::default();
    for round in 0..measurement.rounds {
        let mut order: Vec<usize> = (0..VARIANTS.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let (Some(variant), Some(samples)) = (VARIANTS.get(index), samples.get_mut(index)) else { continue };
            tell(&format!("round {} of {}: {}", round + 1, measurement.rounds, variant.title()));
            samples.push(measure(&ground, *variant, measurement)?);
        }
    }
    let rows = rows(&samples);
    let figures = rows.iter().filter(|row| row.variant == Variant::Traced.name());
    let figures = figures.map(|row| Figure::new("CPU a request, two traced hops", row.ratio, TRACED_AT_MOST)).collect();
    let results = Results {
        machine: Machine::this(),
        rounds: measurement.rounds,
        seconds: measurement.time.as_secs_f64(),
        connections: measurement.connections,
        rows,
        figures,
    };
    report(measurement, &results, terminal)?;
    Ok(results.figures.iter().all(|figure| figure.reached))
}

fn measure(ground: &Ground, variant: Variant, measurement: &GatewayMeasurement) -> Result<Sample, Failure> {
    let received = ground.spans()?;
    let gateway = ground.gateway(variant)?;
    let warm_up = client::send(gateway.address, PATH, measurement.connections, WARM_UP)?;
    let workers = gateway.workers()?;
    let before = CpuTime::of(&workers)?;
    let answered = client::send(gateway.address, PATH, measurement.connections, measurement.time)?;
    let spent = CpuTime::of(&workers)?.since(&before);
    let requests = warm_up + answered;
    let due = if variant == Variant::Traced { SPANS * requests } else { 0 };
    let deadline = Instant::now() + SPANS_LIMIT;
    while ground.spans()? - received < due && Instant::now() < deadline {
        std::thread::sleep(LOOK_EVERY);
    }
    gateway.stop();
    let spans = ground.spans()? - received;
    Ok(Sample { cpu_us: spent as f64 / 1_000.0 / answered.max(1) as f64, requests, spans })
}

fn rows(samples: &[Vec<Sample>; 4]) -> Vec<Row> {
    let plain: Vec<f64> = samples[1].iter().map(|sample| sample.cpu_us).collect();
    let row = |(variant, own): (Variant, &Vec<Sample>)| {
        let ratios: Vec<f64> = own.iter().zip(&plain).map(|(own, plain)| own.cpu_us / plain).collect();
        let requests = own.iter().map(|sample| sample.requests).sum();
        Row {
            variant: variant.name(),
            title: variant.title(),
            cpu_us: median(own.iter().map(|sample| sample.cpu_us).collect()),
            ratio: median(ratios.clone()),
            ratios,
            requests,
            spans_due: if variant == Variant::Traced { SPANS * requests } else { 0 },
            spans_received: own.iter().map(|sample| sample.spans).sum(),
        }
    };
    VARIANTS.into_iter().zip(samples).map(row).collect()
}

fn report(measurement: &GatewayMeasurement, results: &Results, terminal: &Terminal) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(results).map_err(|error| Failure::failed(error.to_string()))?;
    fs::create_dir_all(&measurement.output)?;
    fs::write(measurement.output.join("results.json"), &json)?;
    if measurement.json {
        terminal.line(json);
        return Ok(());
    }
    let header = ["gateway", "CPU us", "to plain", "from", "to", "requests", "spans lost"];
    let mut table = Table::new("Processor time of nginx's worker a request", &header);
    for row in &results.rows {
        let (from, to) = bounds(row.ratios.clone());
        let lost = row.spans_due.saturating_sub(row.spans_received);
        let lost = if row.spans_due == 0 { "-".to_owned() } else { lost.to_string() };
        let numbers = [row.ratio, from, to].map(|ratio| format!("{ratio:.2}"));
        let cells = [format!("{:.1}", row.cpu_us)].into_iter().chain(numbers);
        table.push(row.title, cells.chain([row.requests.to_string(), lost]));
    }
    terminal.line(terminal.bold(table.title()));
    terminal.line(table.text());
    for figure in &results.figures {
        let reached = if figure.reached { "reached" } else { "missed" };
        terminal.line(format!("{}: {:.2}, at most {:.2}: {reached}", figure.name, figure.measured, figure.at_most));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_to_the_plain_proxy_of_the_same_round() {
        let sample = |cpu_us| Sample { cpu_us, requests: 10, spans: 19 };
        // The machine was twice as slow in the second round.
        let two = |first, second| vec![sample(first), sample(second)];
        let rows = rows(&[two(8.0, 16.0), two(10.0, 20.0), two(15.0, 30.0), two(20.0, 44.0)]);
        assert_eq!(rows.iter().map(|row| row.ratio).collect::<Vec<_>>(), [0.8, 1.0, 1.5, 2.1]);
        assert_eq!((rows[3].spans_due, rows[3].spans_received, rows[2].spans_due), (40, 38, 0));
    }
}
