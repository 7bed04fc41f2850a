//! What is wrong with the telemetry, found by following one request: the client, the gateway, the services, the Collector,
//! the trace store, Prometheus, Grafana.
//!
//! - [`Places`]: where each of them answers; [`Web`]: asking them.
//! - [`request`]: the request and what the services say of their spans before and after it.
//! - [`delivery`]: how far its spans came, and who lost them.
//! - [`metrics`]: what Prometheus has, and whether its exemplars lead to traces.
//! - [`machine`]: disk and memory here; [`ports`]: those that somebody else has.
//! - [`exporters`]: what each service was told of where its telemetry goes.
//! - [`Report`]: the findings, in the order of the way.

mod delivery;
mod exporters;
mod finding;
mod machine;
mod metrics;
mod page;
mod places;
mod ports;
mod request;
mod versions;
mod web;

pub use finding::{Finding, Report, State};
pub use places::{Listener, Places};

use std::path::Path;
use std::time::{Duration, Instant};
use web::Web;

/// What is not there by then is reported as absent; what is left of 15 s is for the last answers.
const WAIT_LIMIT: Duration = Duration::from_secs(12);

/// Follows one request and says what it found. Takes 15 s at most, and two when all is well.
pub async fn examine(places: &Places, directory: &Path) -> Report {
    let deadline = Instant::now() + WAIT_LIMIT;
    let web = Web::new();
    let mut report = Report::default();
    machine::examine(directory, &mut report);
    ports::examine(places, &mut report);
    exporters::examine(places, &mut report);
    let Some(mut sent) = request::send(&web, places, &mut report).await else {
        report.skip("traces", "no request came through");
        return report;
    };
    delivery::examine(&web, places, &mut sent, &mut report).await;
    metrics::examine(&web, places, deadline, &mut report).await;
    versions::examine(&web, places, &mut report).await;
    report
}
