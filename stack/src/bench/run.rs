//! All parts in order.

use super::callgrind::{Callgrind, Instructions};
use super::chain::{Chain, Ground, prepare};
use super::mode::Mode;
use super::programs::{Needed, Programs};
use super::results::{EffortRow, InstructionRow, Machine, ModeRow, Results};
use super::rounds::{Effort, run as run_rounds};
use super::services::{self, Services};
use super::sink::Sink;
use super::{faults, figures, halves, loss, micro, plot, sigterm, table};
use crate::failure::Failure;
use crate::packages;
use crate::terminal::Terminal;
use native::postgres::TemporaryCluster;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often instructions are counted. The back is woken once or twice for one answer of PostgreSQL, as its bytes come; what
/// a second time costs is not the mode's, so the least of a few counts is taken.
const COUNTS: usize = 3;

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Processor time, throughput and latency of the two-service chain under load
    Cpu,
    /// Latency of the two-service chain, one request at a time
    Latency,
    /// Instructions a request, by valgrind's callgrind
    Instructions,
    /// Nanoseconds and allocations of one span
    Micro,
    /// The project's own services under load
    Chain,
    /// Many spans a second to a slow receiver
    Loss,
    /// The two-service chain while something is wrong with the receiver
    Faults,
    /// The two-service chain's end under load, 20 times
    Sigterm,
}

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// The parts.
    pub parts: Vec<Part>,
    /// The modes, each with its baseline.
    pub modes: Vec<Mode>,
    /// Rounds of every mode.
    pub rounds: usize,
    /// How long each mode runs in each round.
    pub time: Duration,
    /// Requests under way at a time.
    pub connections: usize,
    /// Requests whose instructions are counted.
    pub requests: u64,
    /// How long spans are made for [`Part::Loss`].
    pub loss_seconds: u64,
    /// How long the chain runs with each receiver for [`Part::Faults`].
    pub fault_time: Duration,
    /// Where results go.
    pub output: PathBuf,
    /// One JSON object instead of text.
    pub json: bool,
}

/// Measures, prints, writes; says whether every figure is reached.
pub fn run(measurement: &Measurement, terminal: &Terminal) -> Result<bool, Failure> {
    // Only the result may be on standard output then.
    let progress = Progress { terminal, silent: measurement.json };
    let chained = measurement.wants_any(&[Part::Cpu, Part::Latency, Part::Instructions]);
    let faulty = measurement.wants_any(&[Part::Faults, Part::Sigterm]);
    if chained || faulty || measurement.wants(Part::Chain) {
        packages::ensure(terminal)?;
    }
    if measurement.wants(Part::Instructions) {
        packages::ensure_valgrind(terminal)?;
    }
    let needed = Needed {
        chain: chained || faulty,
        usual: chained && measurement.modes.iter().any(Mode::is_usual),
        micro: measurement.wants(Part::Micro),
        spans: measurement.wants(Part::Loss),
        services: measurement.wants(Part::Chain),
    };
    let programs = Programs::build(needed, &|text| progress.step(text))?;
    let mut results = Results { machine: Machine::this(), effort: measurement.effort(), ..Results::default() };
    let sink = Sink::start(Duration::ZERO)?;
    if chained {
        let cluster = TemporaryCluster::start()?;
        prepare(&cluster)?;
        let ground = Ground { programs: &programs, cluster: &cluster, sink: &sink };
        if measurement.wants(Part::Cpu) {
            results.cpu = Some(measurement.load(&ground, measurement.connections, "load", &progress)?);
        }
        if measurement.wants(Part::Latency) {
            results.latency = Some(measurement.load(&ground, 1, "one at a time", &progress)?);
        }
        if measurement.wants(Part::Instructions) {
            results.instructions = Some(measurement.instructions(&ground, &progress)?);
        }
    }
    if measurement.wants(Part::Chain) {
        results.chain = Some(measurement.services(&programs, &progress)?);
    }
    if measurement.wants(Part::Micro) {
        progress.step("one span");
        results.micro = Some(micro::measure(&programs, &sink)?);
    }
    if measurement.wants(Part::Loss) {
        progress.step(&format!("many spans for {} s", measurement.loss_seconds));
        results.loss = Some(loss::measure(&programs, measurement.loss_seconds)?);
    }
    if faulty {
        measurement.faults(&programs, &mut results, &progress)?;
    }
    results.figures = figures::of(&results);
    report(measurement, &results, terminal)?;
    Ok(results.figures.iter().all(|figure| figure.reached))
}

impl Measurement {
    fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    fn wants_any(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| self.wants(*part))
    }

    fn effort(&self) -> EffortRow {
        EffortRow {
            rounds: self.rounds,
            seconds: self.time.as_secs_f64(),
            connections: self.connections,
            counted_requests: self.requests,
        }
    }

    fn load(
        &self,
        ground: &Ground<'_>,
        connections: usize,
        what: &str,
        progress: &Progress<'_>,
    ) -> Result<Vec<ModeRow>, Failure> {
        let effort = Effort { rounds: self.rounds, time: self.time, connections };
        let start = |mode: &_, sink: &_| Chain::start(mode, &Ground { sink, ..*ground }, None);
        run_rounds(&self.modes, effort, start, |round| progress.round(what, round, self))
    }

    fn services(&self, programs: &Programs, progress: &Progress<'_>) -> Result<Vec<ModeRow>, Failure> {
        let cluster = TemporaryCluster::start()?;
        let passwords = services::prepare(&cluster)?;
        let effort = Effort { rounds: self.rounds, time: self.time, connections: self.connections };
        let start = |mode: &_, sink: &_| {
            Services::start(mode, &services::Ground { programs, cluster: &cluster, passwords: &passwords, sink })
        };
        // There is no build of the services with the usual crates.
        let modes: Vec<Mode> = self.modes.iter().copied().filter(|mode| !mode.is_usual()).collect();
        run_rounds(&modes, effort, start, |round| progress.round("the services", round, self))
    }

    fn faults(&self, programs: &Programs, results: &mut Results, progress: &Progress<'_>) -> Result<(), Failure> {
        let cluster = TemporaryCluster::start()?;
        prepare(&cluster)?;
        let ground = halves::Ground { programs, cluster: &cluster, logs: self.output.join("faults") };
        if self.wants(Part::Faults) {
            let seconds = self.fault_time.as_secs();
            let tell = |receiver: &str| progress.step(&format!("a receiver for {seconds} s: {receiver}"));
            results.faults = Some(faults::measure(&ground, self.connections, self.fault_time, tell)?);
        }
        if self.wants(Part::Sigterm) {
            let tell = |round| progress.step(&format!("SIGTERM under load, {} of {}", round + 1, sigterm::ROUNDS));
            results.sigterm = Some(sigterm::measure(&ground, self.connections, tell)?);
        }
        Ok(())
    }

    fn instructions(&self, ground: &Ground<'_>, progress: &Progress<'_>) -> Result<Vec<InstructionRow>, Failure> {
        let callgrind = Callgrind::find(&self.output.join("callgrind"))?;
        let mut least: Vec<Option<Instructions>> = vec![None; self.modes.len()];
        for count in 1..=COUNTS {
            for (mode, least) in self.modes.iter().zip(&mut least) {
                progress.step(&format!("instructions, {count} of {COUNTS}: {}", mode.title));
                *least = Some(callgrind.count(mode, ground, self.requests, *least)?);
            }
        }
        let mut rows: Vec<InstructionRow> = Vec::new();
        // A baseline stands before what is divided by it.
        for (mode, counted) in self.modes.iter().zip(least.into_iter().flatten()) {
            let total = counted.total();
            let baseline = rows.iter().find(|row| row.mode == mode.baseline).map_or(total, |row| row.total);
            rows.push(InstructionRow {
                mode: mode.name,
                title: mode.title,
                baseline: mode.baseline,
                front: counted.front,
                back: counted.back,
                total,
                ratio: total / baseline,
            });
        }
        Ok(rows)
    }
}

/// Says what is being done, where there is somebody to read it.
struct Progress<'a> {
    terminal: &'a Terminal,
    silent: bool,
}

impl Progress<'_> {
    fn step(&self, text: &str) {
        if !self.silent {
            self.terminal.step(text);
        }
    }

    fn round(&self, what: &str, round: usize, measurement: &Measurement) {
        self.step(&format!("{what}, round {} of {}", round + 1, measurement.rounds));
    }
}

fn report(measurement: &Measurement, results: &Results, terminal: &Terminal) -> Result<(), Failure> {
    let tables = table::tables(results);
    let json = serde_json::to_string_pretty(results).map_err(|error| Failure::failed(error.to_string()))?;
    let directory = &measurement.output;
    fs::create_dir_all(directory)?;
    write(directory, "results.json", &json)?;
    let markdown: Vec<String> = tables.iter().map(table::Table::markdown).collect();
    write(directory, "results.md", &format!("{}\n{}", results.heading(), markdown.join("\n")))?;
    if let Some(svg) = plot::svg(results) {
        write(directory, "overhead.svg", &svg)?;
    }
    if measurement.json {
        terminal.line(json);
        return Ok(());
    }
    for table in &tables {
        terminal.line(format!("\n{}", terminal.bold(table.title())));
        terminal.line(table.text());
    }
    terminal.line(format!("\nwritten to {}", directory.display()));
    Ok(())
}

fn write(directory: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = directory.join(name);
    fs::write(&path, text).map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}
