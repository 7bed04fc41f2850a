//! Metrics that are encoded here, decoded by opentelemetry-proto.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use otlp::encode::Value;
use otlp::encode::metrics::{
    ExemplarRecord, HistogramRecord, MetricKind, MetricRecord, MetricsWriter, Number, Period, Scope, append_request,
};
use otlp::{SpanId, TraceId, field};
use proptest::prelude::*;
use prost::Message;

const PERIOD: Period = Period { start_unix_nanos: 10, unix_nanos: u64::MAX };
const SCOPE: Scope<'static> = Scope { name: "scope", version: "1", schema_url: "https://example.com/1.42.0" };

fn decode(out: &[u8]) -> Vec<Metric> {
    let request = ExportMetricsServiceRequest::decode(out).unwrap();
    request.resource_metrics[0].scope_metrics[0].metrics.clone()
}

fn encode(write: impl FnOnce(&mut MetricsWriter<'_>)) -> (usize, Vec<u8>) {
    let mut out = Vec::new();
    let points = append_request(&mut out, &[], &SCOPE, write);
    (points, out)
}

fn record(name: &str, kind: MetricKind) -> MetricRecord<'_> {
    MetricRecord { name, description: "What it is.", unit: "s", kind }
}

fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

#[test]
fn a_request_has_its_resource_its_scope_and_their_schemas() {
    let mut resource = Vec::new();
    let message =
        Resource { attributes: vec![attribute("service.name", Any::StringValue("a".into()))], ..Resource::default() };
    field::bytes(&mut resource, 1, &message.encode_to_vec());
    field::text(&mut resource, 3, "https://example.com/1.40.0");
    let mut out = Vec::new();
    assert_eq!(append_request(&mut out, &resource, &SCOPE, |_| {}), 0);
    let expected = ResourceMetrics {
        resource: Some(message),
        scope_metrics: vec![ScopeMetrics {
            scope: Some(InstrumentationScope {
                name: "scope".into(),
                version: "1".into(),
                ..InstrumentationScope::default()
            }),
            metrics: Vec::new(),
            schema_url: SCOPE.schema_url.to_owned(),
        }],
        schema_url: "https://example.com/1.40.0".to_owned(),
    };
    assert_eq!(ExportMetricsServiceRequest::decode(out.as_slice()).unwrap().resource_metrics, [expected]);
}

#[test]
fn every_kind_of_metric_arrives_with_every_field() {
    let attributes = [("route", Value::Str("/é")), ("status", Value::Int(200))];
    let exemplar = ExemplarRecord { unix_nanos: 7, value: 0.25, trace_id: TraceId([1; 16]), span_id: SpanId([2; 8]) };
    let histogram =
        HistogramRecord { bounds: &[0.1, 0.5], counts: &[1, 2, 0], sum: 0.75, exemplars: &[exemplar, exemplar] };
    let (points, out) = encode(|metrics| {
        metrics.metric(&record("gauge", MetricKind::Gauge), |points| {
            points.number(&attributes, PERIOD, Number::Int(-3));
            points.number(&[], Period::default(), Number::Double(0.0));
        });
        metrics.metric(&record("counter", MetricKind::Sum { monotonic: true }), |points| {
            points.number(&[], PERIOD, Number::Int(0));
        });
        metrics.metric(&record("up-down", MetricKind::Sum { monotonic: false }), |points| {
            points.number(&[], PERIOD, Number::Int(5));
        });
        metrics.metric(&record("histogram", MetricKind::Histogram), |points| {
            points.histogram(&attributes, PERIOD, &histogram);
        });
    });
    assert_eq!(points, 5);
    let decoded = decode(&out);
    assert_eq!(
        decoded.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(),
        ["gauge", "counter", "up-down", "histogram"]
    );
    assert!(decoded.iter().all(|metric| metric.description == "What it is." && metric.unit == "s"));

    let keys = vec![attribute("route", Any::StringValue("/é".into())), attribute("status", Any::IntValue(200))];
    let number = |attributes: &[KeyValue], value| NumberDataPoint {
        attributes: attributes.to_vec(),
        start_time_unix_nano: PERIOD.start_unix_nanos,
        time_unix_nano: PERIOD.unix_nanos,
        value: Some(value),
        ..NumberDataPoint::default()
    };
    let as_int = number_data_point::Value::AsInt;
    let zero = NumberDataPoint { value: Some(number_data_point::Value::AsDouble(0.0)), ..NumberDataPoint::default() };
    let gauge = Gauge { data_points: vec![number(&keys, as_int(-3)), zero] };
    assert_eq!(decoded[0].data, Some(Data::Gauge(gauge)));
    let sum = |value, is_monotonic| {
        Data::Sum(Sum { data_points: vec![number(&[], as_int(value))], aggregation_temporality: 2, is_monotonic })
    };
    assert_eq!(decoded[1].data, Some(sum(0, true)));
    assert_eq!(decoded[2].data, Some(sum(5, false)));
    let exemplar = Exemplar {
        time_unix_nano: 7,
        value: Some(exemplar::Value::AsDouble(0.25)),
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        ..Exemplar::default()
    };
    let point = HistogramDataPoint {
        attributes: keys,
        start_time_unix_nano: PERIOD.start_unix_nanos,
        time_unix_nano: PERIOD.unix_nanos,
        count: 3,
        sum: Some(0.75),
        bucket_counts: vec![1, 2, 0],
        explicit_bounds: vec![0.1, 0.5],
        exemplars: vec![exemplar.clone(), exemplar],
        ..HistogramDataPoint::default()
    };
    let expected = Histogram { data_points: vec![point], aggregation_temporality: 2 };
    assert_eq!(decoded[3].data, Some(Data::Histogram(expected)));
}

proptest! {
    #[test]
    fn whatever_is_counted_is_decoded_again(
        name in ".{0,200}",
        values in prop::collection::vec((any::<i64>(), ".{0,150}"), 0..40),
        counts in prop::collection::vec(0..1_u64 << 50, 1..40),
    ) {
        let bounds: Vec<f64> = (1..counts.len()).map(|index| index as f64 / 8.0).collect();
        let histogram = HistogramRecord { bounds: &bounds, counts: &counts, sum: 1.5, exemplars: &[] };
        let (points, out) = encode(|metrics| {
            metrics.metric(&record(&name, MetricKind::Sum { monotonic: false }), |points| {
                for (value, text) in &values {
                    points.number(&[("text", Value::Str(text))], PERIOD, Number::Int(*value));
                }
            });
            metrics.metric(&record(&name, MetricKind::Histogram), |points| points.histogram(&[], PERIOD, &histogram));
        });
        prop_assert_eq!(points, values.len() + 1);
        let decoded = decode(&out);
        prop_assert_eq!(&decoded[0].name, &name);
        let Some(Data::Sum(sum)) = &decoded[0].data else { panic!("{:?}", decoded[0]) };
        prop_assert_eq!(sum.data_points.len(), values.len());
        for (point, (value, text)) in sum.data_points.iter().zip(&values) {
            prop_assert_eq!(&point.value, &Some(number_data_point::Value::AsInt(*value)));
            prop_assert_eq!(&point.attributes, &[attribute("text", Any::StringValue(text.clone()))]);
        }
        let Some(Data::Histogram(histogram)) = &decoded[1].data else { panic!("{:?}", decoded[1]) };
        prop_assert_eq!(&histogram.data_points[0].bucket_counts, &counts);
        prop_assert_eq!(&histogram.data_points[0].explicit_bounds, &bounds);
        prop_assert_eq!(histogram.data_points[0].count, counts.iter().sum::<u64>());
    }
}
