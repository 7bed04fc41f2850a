//! Every query of every dashboard has something to show, asked of the containers as Grafana would ask them.

use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR};
use crate::traffic::{self, Counts};
use crate::{graph, shown};

/// Everything that a panel is about.
const ROUND: Counts = Counts { whole: 6, failing: 3, unknown_user: 2, no_route: 0 };
/// A rate needs two samples that differ.
const ROUNDS: usize = 2;

/// PromQL and TraceQL. LogQL is asked where log records are kept.
pub async fn every_query_of_metrics_and_of_traces_returns_data() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let prometheus = stack.prometheus().expect("an address");
    for rounds in 1..=ROUNDS {
        traffic::send(&stack.gateway().expect("an address"), ROUND).await;
        graph::settled(&prometheus, ROUND.times(rounds), &["collector", "tempo"]).await;
    }
    let metrics = shown::metrics(&prometheus, true).await;
    let traces = shown::traces(&stack.tempo().expect("an address")).await;
    println!("panels: {metrics} queries of metrics and {traces} of traces return data");
    Outcome::Passed
}
