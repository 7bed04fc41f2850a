//! The end while a batch of the disk is sent.

use std::net::TcpListener;
use std::time::Duration;

use super::*;
use crate::Config;
use crate::export::queue::Queue;
use crate::export::spool::Spool;
use crate::export::{Exporter, Outlet};

/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn the_end_does_not_wait_for_an_answer_to_what_is_on_the_disk() {
    let directory = tempfile::tempdir().expect("a folder");
    let place = Place { directory: directory.path().to_owned(), max_bytes: 10_000 };
    let mut left = Spool::open(directory.path(), place.max_bytes).expect("a spool");
    left.keep(&vec![7; 100].into(), 3).expect("there is room");
    drop(left);
    // It listens, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("its address"));
    let lookup = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone());
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    let source = Source::Queue { queue: Arc::new(Queue::new(config.span_batch)), resource: Arc::from([]) };
    let pace = Pace { every: AN_HOUR, concurrent: 1, attempt_limit: AN_HOUR, patience: AN_HOUR };
    let outlet = Outlet::new(Signal::Traces, &config.traces, source, pace).expect("an endpoint");
    let exporter = Exporter::start(vec![outlet.with_spool(Some(place))], &Arc::new(Exports::new())).expect("a thread");
    let _under_way = silent.accept().expect("it is sent");
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(exporter.end(AN_HOUR)));
    end.recv_timeout(LIMIT).expect("it has ended").expect("it had not ended before").expect("there was nothing else");
    assert_eq!(Spool::open(directory.path(), 10_000).expect("a spool").found, 3, "it is still there");
}
