//! Whatever a span has, the receiver reads what opentelemetry-proto would have sent.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_proto::tonic::trace::v1::{ScopeSpans, Span, Status};
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;
use prost::Message;
use telemetry::config::SpanLimits;
use telemetry::measuring;

use crate::arbitrary;

/// What the usual crate makes of it. It exports a key as often as it was set, which OTLP forbids, and leaves limits to its
/// tracer: that is mended before.
fn expected(mut span: SpanData, limits: SpanLimits) -> Span {
    let cut_all = |attributes: &mut Vec<KeyValue>| {
        attributes.iter_mut().for_each(|attribute| attribute.value = cut(attribute.value.clone(), limits.value_length));
    };
    (span.attributes, span.dropped_attributes_count) = set_one_after_another(&span.attributes, limits.attributes);
    cut_all(&mut span.attributes);
    let mend = |attributes: &mut Vec<KeyValue>, limit: u32| {
        let dropped = attributes.len().saturating_sub(limit as usize);
        attributes.truncate(limit as usize);
        *attributes = last_of_each_key(attributes);
        cut_all(attributes);
        dropped as u32
    };
    let (events, links) = (&mut span.events, &mut span.links);
    events.dropped_count = events.events.len().saturating_sub(limits.events as usize) as u32;
    events.events.truncate(limits.events as usize);
    for event in &mut events.events {
        event.dropped_attributes_count = mend(&mut event.attributes, limits.attributes_per_event);
    }
    links.dropped_count = links.links.len().saturating_sub(limits.links as usize) as u32;
    links.links.truncate(limits.links as usize);
    for link in &mut links.links {
        link.dropped_attributes_count = mend(&mut link.attributes, limits.attributes_per_link);
    }
    let mut span = Span::from(span);
    // The usual crate writes an empty status, which says the same as none.
    span.status = span.status.filter(|status| *status != Status::default());
    span
}

/// What is kept, and how many are left out: a key that is set again takes the place of what it was.
fn set_one_after_another(attributes: &[KeyValue], limit: u32) -> (Vec<KeyValue>, u32) {
    let (mut kept, mut left_out): (Vec<KeyValue>, _) = (Vec::new(), 0);
    for attribute in attributes {
        kept.retain(|earlier| earlier.key != attribute.key);
        if kept.len() < limit as usize {
            kept.push(attribute.clone());
        } else {
            left_out += 1;
        }
    }
    (kept, left_out)
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

fn encoded(span: &SpanData, limits: SpanLimits) -> Vec<u8> {
    measuring::replayed(span, limits).expect("a recorder")
}

fn decoded(span: &SpanData, limits: SpanLimits) -> Span {
    let scope = ScopeSpans::decode(&encoded(span, limits)[..]).expect("a member of ScopeSpans");
    let [span] = &scope.spans[..] else { panic!("one span: {scope:?}") };
    span.clone()
}

fn without_limits() -> SpanLimits {
    let (attributes, events, links) = (u32::MAX, u32::MAX, u32::MAX);
    let (attributes_per_event, attributes_per_link) = (u32::MAX, u32::MAX);
    SpanLimits { attributes, events, links, attributes_per_event, attributes_per_link, value_length: None }
}

prop_compose! {
    fn limits()(counts in any::<[u8; 5]>(), length in proptest::option::of(0..20_usize)) -> SpanLimits {
        let [attributes, events, links, attributes_per_event, attributes_per_link] = counts.map(|count| u32::from(count % 8));
        SpanLimits { attributes, events, links, attributes_per_event, attributes_per_link, value_length: length }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_span_arrives_as_the_usual_exporter_would_have_sent_it(span in arbitrary::span()) {
        prop_assert_eq!(decoded(&span, without_limits()), expected(span, without_limits()));
    }

    #[test]
    fn what_is_beyond_limits_is_left_out_and_counted_and_longer_texts_are_cut(span in arbitrary::span(), limits in limits()) {
        prop_assert_eq!(decoded(&span, limits), expected(span, limits));
    }

    #[test]
    fn spans_stand_one_behind_the_other(all in proptest::collection::vec(arbitrary::span(), 1..4)) {
        let bytes: Vec<u8> = all.iter().flat_map(|span| encoded(span, without_limits())).collect();
        let scope = ScopeSpans::decode(&bytes[..]).expect("members of ScopeSpans");
        let expected: Vec<_> = all.into_iter().map(|span| expected(span, without_limits())).collect();
        prop_assert_eq!(scope.spans, expected);
    }
}
