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
//! - [`Page`]: the numbers of a page of metrics.

mod containers;
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
pub use page::Page;
pub use places::{Listener, Places};

use std::path::Path;
use std::time::{Duration, Instant};
use web::Web;

/// What is not there by then is reported as absent; what is left of 15 s is for the last answers.
const WAIT_LIMIT: Duration = Duration::from_secs(12);

/// When whoever waits is told what there is: below the 15 s that are promised.
const TOTAL_LIMIT: Duration = Duration::from_secs(14);

/// Follows one request and says what it found. Takes 15 s at most, and two when all is well.
pub async fn examine(places: &Places, directory: &Path) -> Report {
    examine_within(TOTAL_LIMIT, places, directory).await
}

async fn examine_within(limit: Duration, places: &Places, directory: &Path) -> Report {
    let mut report = Report::default();
    if tokio::time::timeout(limit, walk(places, directory, &mut report)).await.is_err() {
        report.fail(
            "doctor",
            format!("was not done after {} s: what is above is all that it has seen", limit.as_secs()),
            "something takes requests and does not answer, or this machine is too busy: look at what is missing above",
        );
    }
    report
}

async fn walk(places: &Places, directory: &Path, report: &mut Report) {
    let deadline = Instant::now() + WAIT_LIMIT;
    let web = Web::new();
    machine::examine(directory, report);
    ports::examine(places, report);
    exporters::examine(places, report).await;
    let Some(mut sent) = request::send(&web, places, report).await else {
        report.skip("traces", "no request came through");
        return;
    };
    delivery::examine(&web, places, &mut sent, report).await;
    metrics::examine(&web, places, deadline, report).await;
    versions::examine(&web, places, &sent, report).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn where_nobody_answers_in_time_what_was_seen_is_told() {
        // The kernel takes its connections, and nobody reads from them.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let services = vec![("user-service".to_owned(), url.clone())];
        let places = Places { gateway: url, services, ..Places::default() };
        let report = examine_within(Duration::ZERO, &places, Path::new("/")).await;
        let parts: Vec<_> = report.findings.iter().map(|finding| finding.part.as_str()).collect();
        assert_eq!((parts.first(), parts.last()), (Some(&"disk"), Some(&"doctor")), "{report:#?}");
        assert!(!report.is_healthy());
    }
}
