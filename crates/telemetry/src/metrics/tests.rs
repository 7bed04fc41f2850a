//! What is recorded, in one encoding and in the other.

use std::collections::BTreeMap;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data, number_data_point};
use prost::Message;
use testkit::openmetrics::{Exposition, Labels};

use super::*;
use crate::database::Statement;
use crate::export::ledger::Ledger;
use crate::export::queue::Queue;
use crate::sampling::Sampler;

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const SPAN: u64 = 0xb7ad_6b71_6920_3331;

fn metrics(variables: &[(&str, &str)]) -> Metrics {
    let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    let queue = |limits| Arc::new(Queue::new(limits));
    let (spans, logs) = (queue(config.span_batch), queue(config.log_batch));
    let metrics = Metrics::new(&config);
    metrics.observe(Arc::new(Ledger::new(spans, Sampler::new(&config), logs, Arc::default())));
    metrics
}

static FIRST: Statement = crate::statement!("SELECT", "users", "SELECT 1 FROM users");
/// Another one, with the same summary.
static SECOND: Statement = crate::statement!("SELECT", "users", "SELECT 2 FROM users");

/// A pool that has no connections and never had one.
#[derive(Debug)]
struct Idle;

impl Connections for Idle {
    fn name(&self) -> String {
        "idle".to_owned()
    }

    fn server(&self) -> Attributes {
        Attributes::from([("db.system.name", "postgresql".into())])
    }

    fn open(&self) -> u32 {
        0
    }

    fn idle(&self) -> u32 {
        0
    }

    fn most(&self) -> u32 {
        0
    }
}

fn pool(metrics: &Metrics, connections: &Arc<dyn Connections>) -> Arc<PoolMetrics> {
    metrics.pool(PoolId(0), || Arc::downgrade(connections)).expect("it is recorded")
}

fn span(flags: TraceFlags) -> SpanContext {
    SpanContext::new(TraceId::from(TRACE), SpanId::from(SPAN), flags, false, TraceState::NONE)
}

fn request(status: u16) -> ServerRequest {
    ServerRequest {
        method: "GET",
        scheme: "http",
        route: Some("/users/{id}"),
        status: Some(status),
        error: (status >= 500).then_some("500"),
        protocol_version: Some("1.1"),
    }
}

/// A request that took this long in a span with these flags.
fn record(metrics: &Metrics, request: &ServerRequest, millis: u64, flags: TraceFlags) {
    metrics.server_request_begins(ActiveRequest { method: request.method, scheme: request.scheme });
    let took = Took { duration: Duration::from_millis(millis), ended: Moment::now(), span: &span(flags) };
    metrics.server_request_ends(request, took);
}

fn text(metrics: &Metrics) -> Exposition {
    Exposition::parse(&metrics.to_text("test-service", "1.2.3"))
}

fn decoded(metrics: &Metrics) -> (usize, Vec<Metric>) {
    let mut out = Vec::new();
    let points = metrics.otlp(&[], SystemTime::now(), &mut out);
    let mut request = ExportMetricsServiceRequest::decode(out.as_slice()).expect("a request");
    (points, request.resource_metrics.remove(0).scope_metrics.remove(0).metrics)
}

/// The labels that these attributes are in text.
fn labels(attributes: &[KeyValue]) -> Labels {
    let text = |attribute: &KeyValue| match attribute.value.clone().expect("a value").value.expect("a value") {
        any_value::Value::StringValue(value) => value,
        any_value::Value::IntValue(value) => value.to_string(),
        any_value::Value::BoolValue(value) => value.to_string(),
        other => panic!("no attribute of a metric is like {other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.replace('.', "_"), text(attribute))).collect()
}

/// Every sample that `_count`, `_sum`, `_bucket`, `_total` or nothing ends, as an OTLP request has it.
fn samples(metrics: &[Metric]) -> BTreeMap<(String, Labels), f64> {
    let mut samples = BTreeMap::new();
    for metric in metrics {
        let name = metric.name.replace('.', "_");
        match metric.data.clone().expect("points") {
            Data::Sum(sum) => {
                assert_eq!(sum.aggregation_temporality, 2);
                let name = if sum.is_monotonic { format!("{name}_total") } else { name };
                for point in sum.data_points {
                    let Some(number_data_point::Value::AsInt(value)) = point.value else { panic!("{point:?}") };
                    samples.insert((name.clone(), labels(&point.attributes)), value as f64);
                }
            }
            Data::Histogram(histogram) => {
                assert_eq!((histogram.aggregation_temporality, metric.unit.as_str()), (2, "s"));
                for point in histogram.data_points {
                    let labels = labels(&point.attributes);
                    let sample = |suffix: &str| (format!("{name}_seconds_{suffix}"), labels.clone());
                    samples.insert(sample("count"), point.count as f64);
                    samples.insert(sample("sum"), point.sum.expect("a sum"));
                    let bounds = point.explicit_bounds.iter().map(|bound| format!("{bound:?}"));
                    let mut below = 0;
                    for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(&point.bucket_counts) {
                        below += count;
                        let (name, mut labels) = sample("bucket");
                        labels.insert("le".to_owned(), bound);
                        samples.insert((name, labels), below as f64);
                    }
                }
            }
            other => panic!("no metric is like {other:?}"),
        }
    }
    samples
}

#[test]
fn text_and_otlp_have_the_same_samples() {
    let metrics = metrics(&[]);
    for (status, millis) in [(200, 3), (200, 5), (500, 20_000)] {
        record(&metrics, &request(status), millis, TraceFlags::SAMPLED);
    }
    metrics.server_request_begins(ActiveRequest { method: "POST", scheme: "http" });
    let idle: Arc<dyn Connections> = Arc::new(Idle);
    let pool = pool(&metrics, &idle);
    let recorder = metrics.recorder_of(&pool);
    for statement in [&FIRST, &SECOND] {
        let took = Took::since(Moment::now(), &SpanContext::NONE);
        recorder.operation_ends(&DatabaseOperation { statement, error: None, refused: false }, took);
    }
    let (points, decoded) = decoded(&metrics);
    let in_text = text(&metrics).0.into_iter().filter(|sample| sample.name != "target_info");
    let in_text: BTreeMap<_, _> = in_text.map(|sample| ((sample.name, sample.labels), sample.value)).collect();
    assert_eq!(samples(&decoded), in_text);
    assert!(in_text.len() > 2 * 17, "{in_text:?}");
    // Two routes' histograms, two methods under way; of the pool, statements, two states, the limit, waiting, timeouts, two
    // times; and the ledger's: seven of the spans' begin, twelve of
    // their way, thirteen of the log records, seven of the points themselves.
    assert_eq!(points, 4 + 8 + 39);
}

#[test]
fn a_sampled_request_is_the_exemplar_of_its_bucket_in_both_encodings() {
    let metrics = metrics(&[]);
    record(&metrics, &request(200), 7, TraceFlags::SAMPLED);
    record(&metrics, &request(200), 700, TraceFlags::default());
    let text = text(&metrics);
    let exemplars: Vec<_> = text.0.iter().filter_map(|sample| Some((sample, sample.exemplar.as_ref()?))).collect();
    let [(bucket, exemplar)] = exemplars[..] else { panic!("one exemplar: {exemplars:?}") };
    assert_eq!(bucket.labels["le"], "0.01");
    assert_eq!(exemplar.labels["trace_id"], format!("{TRACE:032x}"));
    assert_eq!(exemplar.labels["span_id"], format!("{SPAN:016x}"));
    assert_eq!(exemplar.value, 0.007);
    let age = since_1970(SystemTime::now()).as_secs_f64() - exemplar.unix_seconds;
    assert!((0.0..60.0).contains(&age), "an exemplar of {age} s ago");

    let decoded = decoded(&metrics).1;
    let requests = decoded.iter().find(|metric| metric.name == "http.server.request.duration").expect("requests");
    let Some(Data::Histogram(histogram)) = &requests.data else { panic!("{requests:?}") };
    let [exemplar] = &histogram.data_points[0].exemplars[..] else { panic!("one exemplar: {histogram:?}") };
    assert_eq!(exemplar.trace_id, TRACE.to_be_bytes());
    assert_eq!(exemplar.span_id, SPAN.to_be_bytes());
    let (start, end) = (histogram.data_points[0].start_time_unix_nano, histogram.data_points[0].time_unix_nano);
    assert!((start..=end).contains(&exemplar.time_unix_nano), "{exemplar:?} is not from {start} to {end}");
}

#[test]
fn exemplars_are_kept_only_where_they_are_asked_for() {
    let metrics = Metrics { exemplars: false, ..metrics(&[]) };
    record(&metrics, &request(200), 7, TraceFlags::SAMPLED);
    assert!(text(&metrics).0.iter().all(|sample| sample.exemplar.is_none()));
    assert_eq!(text(&metrics).sum("http_server_request_duration_seconds_count", &[]), 1.0);
}

#[test]
fn a_process_that_has_done_nothing_has_its_metrics_at_zero() {
    let metrics = metrics(&[]);
    let idle: Arc<dyn Connections> = Arc::new(Idle);
    pool(&metrics, &idle);
    let exposition = text(&metrics);
    assert_eq!(exposition.sum("otel_sdk_exporter_span_exported_total", &[("error_type", "rejected")]), 0.0);
    assert!(exposition.0.iter().any(|sample| sample.name == "db_client_connection_timeouts_total"));
    let constant = |name: &str| name == "target_info" || name.ends_with("_queue_capacity");
    assert!(exposition.0.iter().all(|sample| sample.value == 0.0 || constant(&sample.name)), "{exposition:?}");
}

#[test]
fn without_recording_only_the_ledger_is_written() {
    let metrics = Metrics { recorded: false, ..metrics(&[]) };
    record(&metrics, &request(200), 7, TraceFlags::SAMPLED);
    let names: Vec<_> = text(&metrics).0.into_iter().map(|sample| sample.name).collect();
    assert!(names.iter().all(|name| name == "target_info" || name.starts_with("otel_sdk_")), "{names:?}");
    assert!(names.len() > 1);
}
