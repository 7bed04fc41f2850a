//! The metric that says what is on, from which dashboards draw when it was.

use contracts::fault::Kind;
use telemetry::Telemetry;
use telemetry::metrics::Gauge;

use super::board::Board;

static ACTIVE: Gauge = Gauge::new(
    "tracechain.fault.active",
    "{fault}",
    "Faults that are on: 1 while this kind is, 0 otherwise.",
    "fault.kind",
);

/// Writes the metric from now on, with every kind from the start.
pub(super) fn add(telemetry: &Telemetry, board: &Board) {
    let board = board.clone();
    telemetry.metrics().add_gauge(&ACTIVE, move || {
        let on = board.active();
        Kind::ALL.map(|kind| (kind.name(), i64::from(on.iter().any(|active| active.fault.kind() == kind))))
    });
}
