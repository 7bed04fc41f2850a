//! Log records that are encoded here, decoded by opentelemetry-proto.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord as Decoded, ScopeLogs, SeverityNumber};
use otlp::encode::Value;
use otlp::encode::logs::{LogRecord, LogWriter, Severity, SpanReference, append_log};
use otlp::{SpanId, TraceId};
use proptest::prelude::*;
use prost::Message;

fn encoded(record: &LogRecord<'_>, more: impl FnOnce(&mut LogWriter<'_>)) -> Decoded {
    let mut out = Vec::new();
    append_log(&mut out, record, more);
    ScopeLogs::decode(out.as_slice()).unwrap().log_records.remove(0)
}

fn any(value: Any) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.to_owned(), value: any(value), ..KeyValue::default() }
}

#[test]
fn every_field_of_a_record_arrives() {
    let span = SpanReference { trace_id: TraceId([7; 16]), span_id: SpanId([9; 8]), flags: 3 };
    let record = LogRecord {
        unix_nanos: 5,
        observed_unix_nanos: u64::MAX,
        severity: Severity::Warn,
        span: Some(span),
        event_name: "order.priced",
    };
    let decoded = encoded(&record, |writer| {
        writer.attribute("a", Value::Int(-1));
        writer.body("priced \"x\"\n");
        writer.attribute("b", Value::Str(""));
        writer.dropped_attributes(4);
    });
    let expected = Decoded {
        time_unix_nano: 5,
        observed_time_unix_nano: u64::MAX,
        severity_number: SeverityNumber::Warn.into(),
        severity_text: "WARN".to_owned(),
        body: any(Any::StringValue("priced \"x\"\n".to_owned())),
        attributes: vec![attribute("a", Any::IntValue(-1)), attribute("b", Any::StringValue(String::new()))],
        dropped_attributes_count: 4,
        flags: 3,
        trace_id: vec![7; 16],
        span_id: vec![9; 8],
        event_name: "order.priced".to_owned(),
    };
    assert_eq!(decoded, expected);
}

#[test]
fn severities_have_the_numbers_and_names_of_the_data_model() {
    let table = [
        (Severity::Trace, SeverityNumber::Trace, "TRACE"),
        (Severity::Debug, SeverityNumber::Debug, "DEBUG"),
        (Severity::Info, SeverityNumber::Info, "INFO"),
        (Severity::Warn, SeverityNumber::Warn, "WARN"),
        (Severity::Error, SeverityNumber::Error, "ERROR"),
    ];
    for (severity, number, text) in table {
        let decoded = encoded(&LogRecord { severity, ..LogRecord::default() }, |_| {});
        assert_eq!((decoded.severity_number(), decoded.severity_text.as_str()), (number, text));
        assert!(decoded.trace_id.is_empty() && decoded.span_id.is_empty() && decoded.body.is_none());
    }
}

proptest! {
    #[test]
    fn records_of_any_size_follow_one_another(
        texts in prop::collection::vec("\\PC{0,400}", 1..6),
        length in 0_usize..40_000,
    ) {
        let mut out = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            append_log(&mut out, &LogRecord { unix_nanos: index as u64, ..LogRecord::default() }, |writer| {
                writer.body(text);
                writer.attribute("long", Value::Str(&"x".repeat(length)));
            });
        }
        let decoded = ScopeLogs::decode(out.as_slice()).unwrap().log_records;
        prop_assert_eq!(decoded.len(), texts.len());
        for (index, (record, text)) in decoded.iter().zip(&texts).enumerate() {
            prop_assert_eq!(record.time_unix_nano, index as u64);
            prop_assert_eq!(&record.body, &any(Any::StringValue(text.clone())));
            prop_assert_eq!(&record.attributes, &vec![attribute("long", Any::StringValue("x".repeat(length)))]);
        }
    }
}
