//! Whatever a span has, the receiver reads what opentelemetry-proto would have sent.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_proto::tonic::trace::v1::{ScopeSpans, Span, Status};
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;
use prost::Message;
use telemetry::export::span_data;

use crate::arbitrary;

/// What the usual crate makes of it. It exports a key as often as it was set, which OTLP forbids: that is mended before.
fn expected(mut span: SpanData, length: Option<usize>) -> Span {
    let mend = |attributes: &mut Vec<KeyValue>| {
        *attributes = last_of_each_key(attributes);
        attributes.iter_mut().for_each(|attribute| attribute.value = cut(attribute.value.clone(), length));
    };
    mend(&mut span.attributes);
    span.events.events.iter_mut().for_each(|event| mend(&mut event.attributes));
    span.links.links.iter_mut().for_each(|link| mend(&mut link.attributes));
    let mut span = Span::from(span);
    // The usual crate writes an empty status, which says the same as none.
    span.status = span.status.filter(|status| *status != Status::default());
    span
}

fn last_of_each_key(attributes: &[KeyValue]) -> Vec<KeyValue> {
    let mut kept: Vec<KeyValue> = Vec::new();
    for attribute in attributes.iter().rev() {
        if kept.iter().all(|later| later.key != attribute.key) {
            kept.insert(0, attribute.clone());
        }
    }
    kept
}

fn cut(value: Value, length: Option<usize>) -> Value {
    let Some(length) = length else { return value };
    let text = |text: &StringValue| StringValue::from(text.as_str().chars().take(length).collect::<String>());
    match value {
        Value::String(value) => Value::String(text(&value)),
        Value::Array(Array::String(values)) => Value::Array(Array::String(values.iter().map(text).collect())),
        other => other,
    }
}

fn decoded(span: &SpanData, length: Option<usize>) -> Span {
    let mut bytes = Vec::new();
    span_data::append(&mut bytes, span, length);
    let scope = ScopeSpans::decode(&bytes[..]).expect("a member of ScopeSpans");
    let [span] = &scope.spans[..] else { panic!("one span: {scope:?}") };
    span.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_span_arrives_as_the_usual_exporter_would_have_sent_it(span in arbitrary::span()) {
        prop_assert_eq!(decoded(&span, None), expected(span, None));
    }

    #[test]
    fn longer_texts_are_cut_after_so_many_characters(span in arbitrary::span(), length in 0..20_usize) {
        prop_assert_eq!(decoded(&span, Some(length)), expected(span, Some(length)));
    }

    #[test]
    fn spans_stand_one_behind_the_other(all in proptest::collection::vec(arbitrary::span(), 1..4)) {
        let mut bytes = Vec::new();
        all.iter().for_each(|span| span_data::append(&mut bytes, span, None));
        let scope = ScopeSpans::decode(&bytes[..]).expect("members of ScopeSpans");
        let expected: Vec<_> = all.into_iter().map(|span| expected(span, None)).collect();
        prop_assert_eq!(scope.spans, expected);
    }
}
