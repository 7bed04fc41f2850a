//! Log records and metrics while their collector is away, silent, wrong or busy: all of them are accounted for, as spans are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;
use telemetry::Telemetry;
use testkit::openmetrics::Exposition;
use testkit::receiver::Request;
use testkit::stub::nobody;
use testkit::{Receiver, Reply};

use crate::pipeline::{PROTOCOLS, pipeline};

/// Threads that log at the same time.
const THREADS: u64 = 4;
/// Records of each thread: many times the queue below.
const RECORDS: u64 = 2_000;

/// How long an answer may take that never comes: long enough for a connection on a machine that stands still for a moment.
const ANSWER_MS: &str = "2000";

/// A small queue, short patience, and small batches, so that everything that can happen to a record happens. What is not
/// taken is not sent again within this patience: what a receiver was sent is what was given up.
const VARIABLES: [(&str, &str); 8] = [
    ("OTEL_METRICS_EXPORTER", "otlp"),
    ("OTEL_LOGS_EXPORTER", "otlp"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "256"),
    ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "16"),
    ("OTEL_BLRP_EXPORT_TIMEOUT", "40"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "5"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "5"),
    ("OTEL_METRIC_EXPORT_TIMEOUT", "40"),
];

/// One look at what became of log records and of points of metrics.
#[derive(Debug)]
struct Account {
    created: u64,
    exported: u64,
    failed: BTreeMap<String, u64>,
    dropped: u64,
    late: u64,
    waiting: u64,
    points_exported: u64,
    points_failed: BTreeMap<String, u64>,
    points_inflight: u64,
}

impl Account {
    /// Looks, and checks the equation.
    fn of(telemetry: &Telemetry) -> Self {
        let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
        let sum = |name: &str, labels: &[(&str, &str)]| metrics.sum(name, labels) as u64;
        let exports = |name: &str| {
            let samples = metrics.0.iter().filter(|sample| sample.name == name);
            let mut by_error: BTreeMap<Option<String>, u64> =
                samples.map(|sample| (sample.labels.get("error_type").cloned(), sample.value as u64)).collect();
            let exported = by_error.remove(&None).expect("a count of those that were exported");
            let failed = by_error.into_iter().filter_map(|(error, count)| Some((error?, count)));
            (exported, failed.filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>())
        };
        let (exported, failed) = exports("otel_sdk_exporter_log_exported_total");
        let (points_exported, points_failed) = exports("otel_sdk_exporter_metric_data_point_exported_total");
        let processed = "otel_sdk_processor_log_processed_total";
        let account = Self {
            created: sum("otel_sdk_log_created_total", &[]),
            exported,
            failed,
            dropped: sum(processed, &[("error_type", "queue_full")]),
            late: sum(processed, &[("error_type", "shutdown")]),
            waiting: sum("otel_sdk_processor_log_queue_size", &[]),
            points_exported,
            points_failed,
            points_inflight: sum("otel_sdk_exporter_metric_data_point_inflight", &[]),
        };
        assert_eq!(account.created, account.settled() + account.waiting, "{account:?}");
        account
    }

    fn settled(&self) -> u64 {
        self.exported + self.failed.values().sum::<u64>() + self.dropped + self.late
    }

    /// Nothing has arrived, for these reasons and no others.
    fn assert_only(&self, errors: &[&str]) {
        assert_eq!((self.exported, self.points_exported), (0, 0), "{self:?}");
        assert!(!self.failed.is_empty() && self.dropped > 0 && !self.points_failed.is_empty(), "{self:?}");
        let reasons = self.failed.keys().chain(self.points_failed.keys());
        assert!(reasons.into_iter().all(|error| errors.contains(&error.as_str())), "{errors:?}: {self:?}");
    }
}

/// Logs in several threads, looks at the account all the while, and gives back how it stands in the end.
fn under_load(endpoint: &str, protocol: &str) -> Account {
    // So long that no answer comes too late, however busy the machine is.
    under_load_with(endpoint, protocol, "60000")
}

fn under_load_with(endpoint: &str, protocol: &str, timeout_ms: &str) -> Account {
    let more = [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_TIMEOUT", timeout_ms)];
    let telemetry = pipeline(endpoint, &VARIABLES.into_iter().chain(more).collect::<Vec<_>>());
    let log = telemetry::logs::subscriber("test-service", "info", std::io::sink).expect("a filter");
    let log = tracing::Dispatch::new(log);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut last = Account::of(&telemetry);
            while !over.load(Ordering::Relaxed) {
                let look = Account::of(&telemetry);
                assert!(look.settled() >= last.settled() && look.created >= last.created, "{last:?} {look:?}");
                last = look;
            }
        });
        let (telemetry, log) = (&telemetry, &log);
        let work = |number: u64| {
            move || {
                let records = || (0..RECORDS).for_each(|record| tracing::info!(number, record, "work"));
                tracing::dispatcher::with_default(log, || telemetry.scope(records));
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(work(number))).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("work goes on"));
        over.store(true, Ordering::Relaxed);
        looks.join().expect("the account is exact at each look");
    });
    // Not everything arrived; by how much is what the account says.
    let _ = telemetry.shutdown();
    let account = Account::of(&telemetry);
    let logged = THREADS * RECORDS;
    assert_eq!((account.created, account.settled(), account.waiting), (logged, logged, 0), "{account:?}");
    assert_eq!((account.late, account.points_inflight), (0, 0), "{account:?}");
    account
}

/// Log records and points in all that this receiver was sent.
fn sent_to(receiver: &Receiver) -> (u64, u64) {
    let requests = receiver.requests();
    (requests.iter().map(log_records).sum(), requests.iter().map(points).sum())
}

fn log_records(request: &Request) -> u64 {
    if !(request.path.ends_with("/v1/logs") || request.path.ends_with("LogsService/Export")) {
        return 0;
    }
    let logs = ExportLogsServiceRequest::decode(&request.message[..]).expect("an export request of logs");
    let scopes = logs.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
    scopes.map(|scope| scope.log_records.len() as u64).sum()
}

fn points(request: &Request) -> u64 {
    if !(request.path.ends_with("/v1/metrics") || request.path.ends_with("MetricsService/Export")) {
        return 0;
    }
    let metrics = ExportMetricsServiceRequest::decode(&request.message[..]).expect("an export request of metrics");
    let scopes = metrics.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let points = scopes.flat_map(|scope| &scope.metrics).map(|metric| match metric.data.as_ref().expect("data") {
        Data::Gauge(gauge) => gauge.data_points.len(),
        Data::Sum(sum) => sum.data_points.len(),
        Data::Histogram(histogram) => histogram.data_points.len(),
        other => panic!("no metric of ours: {other:?}"),
    });
    points.sum::<usize>() as u64
}

/// What was given up is what was sent.
fn assert_given_up(account: &Account, receiver: &Receiver) {
    let sum = |failed: &BTreeMap<String, u64>| failed.values().sum::<u64>();
    assert_eq!((sum(&account.failed), sum(&account.points_failed)), sent_to(receiver), "{account:?}");
}

#[test]
fn while_nobody_listens_every_log_record_and_point_is_accounted_for() {
    for protocol in PROTOCOLS {
        under_load(&nobody(), protocol).assert_only(&["connection"]);
    }
}

#[test]
fn while_the_collector_is_silent_every_log_record_and_point_is_accounted_for() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Silence);
        // On a machine that stands still for so long not even a connection is there in time; and a receiver may hang up on who
        // takes back many requests at once.
        under_load_with(&receiver.endpoint(), protocol, "20").assert_only(&["timeout", "connection"]);
    }
}

#[test]
fn a_silent_collectors_log_records_and_points_are_counted_as_that() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Silence);
        let variables = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", ANSWER_MS),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
        ];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        let log = telemetry::logs::subscriber("test-service", "info", std::io::sink).expect("a filter");
        tracing::subscriber::with_default(log, || telemetry.scope(|| tracing::info!("work")));
        telemetry.flush().expect_err("it is lost");
        let account = Account::of(&telemetry);
        assert_eq!(account.failed, [("timeout".to_owned(), 1)].into(), "{protocol}: {account:?}");
        assert!(account.points_failed.keys().eq(["timeout"]), "{protocol}: {account:?}");
        assert_given_up(&account, &receiver);
    }
}

#[test]
fn while_the_collector_answers_garbage_every_log_record_and_point_is_accounted_for() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Garbage);
    under_load(&receiver.endpoint(), "http/protobuf").assert_only(&["bad_answer"]);
    // What is no HTTP/2 cannot be told from a connection that broke.
    under_load(&receiver.endpoint(), "grpc").assert_only(&["connection", "bad_answer"]);
}

#[test]
fn while_the_collector_answers_with_a_broken_body_every_log_record_and_point_is_accounted_for() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Body("application/x-protobuf", vec![0xff; 4]));
    let account = under_load(&receiver.endpoint(), "http/protobuf");
    account.assert_only(&["bad_answer"]);
    assert_given_up(&account, &receiver);
}

#[test]
fn while_the_collector_is_busy_every_log_record_and_point_is_accounted_for() {
    for (protocol, reply, reason) in [
        ("http/protobuf", Reply::Status(503, vec![]), "503"),
        ("grpc", Reply::Status(503, vec![]), "503"),
        ("grpc", Reply::Grpc(14, vec![]), "UNAVAILABLE"),
    ] {
        let receiver = Receiver::start();
        receiver.answer_always(reply);
        let account = under_load(&receiver.endpoint(), protocol);
        account.assert_only(&[reason]);
        assert_given_up(&account, &receiver);
    }
}

#[test]
fn log_records_that_are_refused_until_the_end_are_counted_and_the_end_says_so() {
    for (reply, reason) in [(Reply::Status(503, vec![]), "503"), (Reply::Silence, "shutdown")] {
        let receiver = Receiver::start();
        receiver.answer_always(reply);
        // Both patience and delay last longer than the end: it is the end that gives them up.
        let variables = [("OTEL_LOGS_EXPORTER", "otlp"), ("OTEL_BLRP_SCHEDULE_DELAY", "3600000")];
        let patience = [("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"), ("OTEL_BLRP_EXPORT_TIMEOUT", "3600000")];
        let telemetry = pipeline(&receiver.endpoint(), &[variables, patience].concat());
        let log = telemetry::logs::subscriber("test-service", "info", std::io::sink).expect("a filter");
        let records = || (0..7).for_each(|record| tracing::info!(record, "work"));
        tracing::subscriber::with_default(log, || telemetry.scope(records));
        let lost = telemetry.shutdown().expect_err("they are lost").to_string();
        assert_eq!(lost, "7 records could not be delivered");
        let account = Account::of(&telemetry);
        assert_eq!((account.created, account.waiting, account.exported), (7, 0, 0), "{account:?}");
        assert_eq!(account.failed, [(reason.to_owned(), 7)].into(), "{account:?}");
    }
}

#[test]
fn a_collector_that_takes_everything_gets_all_log_records_and_points_that_are_counted_as_exported() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let account = under_load(&receiver.endpoint(), protocol);
        assert_eq!((account.exported, account.points_exported), sent_to(&receiver), "{protocol}: {account:?}");
        assert!(account.exported > 0 && account.points_exported > 0, "{account:?}");
        assert!(account.failed.is_empty() && account.points_failed.is_empty(), "{protocol}: {account:?}");
    }
}
