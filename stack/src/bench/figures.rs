//! The figures to reach, and whether they are.

use super::results::{FaultProcess, FaultRow, InstructionRow, ModeRow, Results};
use serde::Serialize;

/// A figure with its limit.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What.
    pub name: String,
    /// As measured.
    pub measured: f64,
    /// May be so much at most.
    pub at_most: f64,
    /// Whether it is.
    pub reached: bool,
}

/// Processor time a request, to the untraced chain.
const CPU: [(&str, f64); 3] = [("on", 1.10), ("off", 1.02), ("disabled", 1.01)];
/// What metrics add to it, with and without traces.
const METRICS_CPU: f64 = 1.02;
/// Instructions a request, to the untraced chain.
const INSTRUCTIONS: [(&str, f64); 2] = [("on", 1.20), ("off", 1.05)];
/// p99 at one connection, to the untraced chain.
const P99: f64 = 1.5;
/// Encoding one span.
const ENCODE_NS: f64 = 100.0;
/// MiB that a process may take more because of its receiver: what may wait, `WAITING_BYTES` of the telemetry crate's queue.
/// Nothing is copied on its way out, so that is all that there is.
const WAITING_MIB: f64 = 64.0;
/// MiB that a process may take more in the second half of its load: what may wait has come together in the first seconds, and
/// nothing is kept of what did not arrive. It is what the allocator may take for the same work from one moment to the next.
const GROWN_MIB: f64 = 8.0;

impl Figure {
    pub(super) fn new(name: impl Into<String>, measured: f64, at_most: f64) -> Self {
        // The figures have two decimals; so has what is compared with them.
        let reached = (measured * 100.0).round() / 100.0 <= at_most;
        Self { name: name.into(), measured, at_most, reached }
    }
}

/// Of everything that was measured.
pub fn of(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    for rows in results.cpu.iter() {
        cpu("CPU a request", rows, &mut figures);
    }
    for rows in results.instructions.iter() {
        for (mode, at_most) in INSTRUCTIONS {
            let rows: Option<&InstructionRow> = rows.iter().find(|row| row.mode == mode);
            figures.extend(rows.map(|row| Figure::new(format!("instructions, {}", row.title), row.ratio, at_most)));
        }
    }
    for rows in results.latency.iter() {
        let traced = rows.iter().find(|row| row.mode == "on-metrics");
        figures
            .extend(traced.map(|row| Figure::new(format!("p99 at one connection, {}", row.title), row.p99_ratio, P99)));
    }
    for steps in results.micro.iter() {
        for step in steps.iter().filter(|step| step.name == "encode") {
            figures.push(Figure::new("encode a span, ns", step.nanoseconds, ENCODE_NS));
            figures.push(Figure::new("encode a span, allocations", step.allocations, 0.0));
        }
    }
    for rows in results.chain.iter() {
        cpu("CPU a request of the full chain", rows, &mut figures);
    }
    for loss in results.loss.iter() {
        figures.push(Figure::new(
            "spans lost to a slow collector",
            loss.made.saturating_sub(loss.received) as f64,
            0.0,
        ));
    }
    for rows in results.faults.iter() {
        faults(rows, &mut figures);
    }
    for row in results.sigterm.iter() {
        figures.push(Figure::new("spans lost at SIGTERM under load", (row.lost + row.missing) as f64, 0.0));
        let off = row.off + row.unfinished;
        figures.push(Figure::new("spans that accounts are off by after SIGTERM", off as f64, 0.0));
        figures.push(Figure::new("processes that did not end well at SIGTERM", row.unwell as f64, 0.0));
    }
    figures
}

fn faults(rows: &[FaultRow], figures: &mut Vec<Figure>) {
    let sum = |of: fn(&FaultRow) -> u64| rows.iter().map(of).sum::<u64>() as f64;
    let most = |of: fn(&FaultProcess) -> f64| rows.iter().map(|row| row.worse(of)).fold(0.0, f64::max);
    figures.push(Figure::new("requests not answered, with any receiver", sum(FaultRow::unanswered), 0.0));
    figures.push(Figure::new("spans that accounts are off by, with any receiver", sum(FaultRow::off), 0.0));
    figures.extend(rows.iter().find(|row| row.receiver == "healthy").map(|healthy| {
        let due = healthy.front.spans_due + healthy.back.spans_due;
        Figure::new("spans lost to a healthy receiver", due.saturating_sub(healthy.spans_taken) as f64, 0.0)
    }));
    figures.push(Figure::new("memory that a receiver adds, MiB", most(|process| process.added_mib), WAITING_MIB));
    figures.push(Figure::new("memory grown in the second half, MiB", most(|process| process.grown_mib), GROWN_MIB));
}

fn cpu(what: &str, rows: &[ModeRow], figures: &mut Vec<Figure>) {
    let find = |mode: &str| rows.iter().find(|row| row.mode == mode);
    for (mode, at_most) in CPU {
        figures.extend(find(mode).map(|row| Figure::new(format!("{what}, {}", row.title), row.cpu_ratio, at_most)));
    }
    for (without, with) in [("on", "on-metrics"), ("off", "off-metrics")] {
        if let (Some(without), Some(with)) = (find(without), find(with)) {
            let added = with.cpu_ratio / without.cpu_ratio;
            figures.push(Figure::new(format!("{what}, metrics on top of {}", without.title), added, METRICS_CPU));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::Account;
    use super::*;

    fn with_receiver(receiver: &'static str, answered: u64, added_mib: f64, grown_mib: f64) -> FaultRow {
        let account = Account { ended: 8, exported: 8, ..Account::default() };
        let back = FaultProcess { peak_mib: 90.0, added_mib: 1.0, grown_mib: 2.0, spans_due: 8, account };
        FaultRow {
            receiver,
            title: receiver,
            sent: 4,
            answered,
            complaint: None,
            p99_ms: 1.0,
            p99_ratio: 9.0,
            spans_taken: 16,
            front: FaultProcess { added_mib, grown_mib, ..back.clone() },
            back,
        }
    }

    #[test]
    fn of_all_receivers_the_worst_one_counts_and_p99_does_not() {
        let missed = |rows: Vec<FaultRow>| {
            let figures = of(&Results { faults: Some(rows), ..Results::default() });
            assert_eq!(figures.len(), 5);
            figures.into_iter().filter(|figure| !figure.reached).map(|figure| figure.name).collect::<Vec<_>>()
        };
        let healthy = || with_receiver("healthy", 4, 0.0, 0.0);
        assert_eq!(missed(vec![healthy(), with_receiver("busy", 4, 64.0, 8.0)]), [""; 0]);
        let wrong = missed(vec![healthy(), with_receiver("busy", 3, 65.0, 9.0)]);
        let expected = [
            "requests not answered, with any receiver",
            "memory that a receiver adds, MiB",
            "memory grown in the second half, MiB",
        ];
        assert_eq!(wrong, expected);
        let mut lossy = healthy();
        lossy.spans_taken = 15;
        let expected = ["spans that accounts are off by, with any receiver", "spans lost to a healthy receiver"];
        assert_eq!(missed(vec![lossy]), expected);
    }

    #[test]
    fn a_figure_is_compared_with_the_decimals_that_it_has() {
        assert!(Figure::new("", 1.104, 1.10).reached);
        assert!(!Figure::new("", 1.105_1, 1.10).reached);
        assert!(!Figure::new("", f64::NAN, 1.10).reached);
        assert!(!Figure::new("", 1.0, 0.0).reached);
    }
}
