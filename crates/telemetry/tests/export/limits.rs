//! How much a span may hold.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use testkit::Receiver;

use crate::pipeline::{pipeline, span_with};

/// The one span that `inside` was in.
fn arrived(variables: &[(&str, &str)], inside: impl FnOnce()) -> Span {
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), variables);
    span_with(&telemetry, "a", inside);
    telemetry.flush().expect("it arrives");
    let [span] = &receiver.spans()[..] else { panic!("one span") };
    span.clone()
}

fn texts(attributes: &[KeyValue]) -> Vec<(&str, &str)> {
    attributes.iter().map(|attribute| (attribute.key.as_str(), text_of(attribute))).collect()
}

fn text_of(attribute: &KeyValue) -> &str {
    match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("a text: {other:?}"),
    }
}

#[test]
fn a_key_that_is_set_again_arrives_once_with_its_last_value() {
    let span = arrived(&[], || {
        for (key, value) in [("a", "first"), ("b", "only"), ("a", "second"), ("a", "last")] {
            telemetry::set_attribute(key, value);
        }
        telemetry::event("e", ["old", "new"].map(|value| telemetry::KeyValue::new("a", value)));
    });
    assert_eq!(texts(&span.attributes), [("b", "only"), ("a", "last")]);
    assert_eq!(texts(&span.events[0].attributes), [("a", "new")]);
}

#[test]
fn a_text_is_cut_to_its_limit_in_characters_everywhere_in_a_span() {
    let variables = [("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3")];
    let span = arrived(&variables, || {
        telemetry::set_attribute("ascii", "abcdef");
        telemetry::set_attribute("wide", "äöüß");
        telemetry::set_attribute("short", "abc");
        telemetry::event("not an attribute", [telemetry::KeyValue::new("event", "abcd")]);
    });
    assert_eq!(texts(&span.attributes), [("ascii", "abc"), ("wide", "äöü"), ("short", "abc")]);
    assert_eq!(texts(&span.events[0].attributes), [("event", "abc")]);
    assert_eq!(span.events[0].name, "not an attribute");
}

#[test]
fn what_is_beyond_a_count_is_left_out_and_counted_in_the_span() {
    let variables = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "1"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
    ];
    let span = arrived(&variables, || {
        ["a", "b", "c", "d"].into_iter().for_each(|key| telemetry::set_attribute(key, key));
        for name in ["first", "second", "third"] {
            telemetry::event(name, ["x", "y"].map(|key| telemetry::KeyValue::new(key, key)));
        }
    });
    assert_eq!(texts(&span.attributes), [("a", "a"), ("b", "b")]);
    assert_eq!((span.dropped_attributes_count, span.dropped_events_count), (2, 2));
    let [event] = &span.events[..] else { panic!("one event: {span:?}") };
    assert_eq!((event.name.as_str(), texts(&event.attributes)), ("first", vec![("x", "x")]));
    assert_eq!(event.dropped_attributes_count, 1);
}
