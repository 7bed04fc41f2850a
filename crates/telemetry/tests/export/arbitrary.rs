//! Spans of every shape that the SDK can have.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use proptest::collection::vec;
use proptest::prelude::*;

fn double() -> impl Strategy<Value = f64> {
    // No NaN, which equals nothing.
    prop_oneof![proptest::num::f64::ANY.prop_filter("a number", |value| !value.is_nan()), Just(0.0), Just(-0.0)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,12}", Just(String::new()), "[a-z]{100,300}"]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        double().prop_map(Value::F64),
        text().prop_map(Value::from),
        vec(any::<bool>(), 0..4).prop_map(|values| Value::Array(Array::Bool(values))),
        vec(any::<i64>(), 0..4).prop_map(|values| Value::Array(Array::I64(values))),
        vec(double(), 0..4).prop_map(|values| Value::Array(Array::F64(values))),
        vec(text().prop_map(StringValue::from), 0..4).prop_map(|values| Value::Array(Array::String(values))),
    ]
}

/// With keys that come twice, sometimes.
pub fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let key = prop_oneof!["[a-z.]{0,16}", "[ab]", Just("http.request.method".to_owned())];
    let attribute = (key, value()).prop_map(|(key, value)| KeyValue::new(key, value)).boxed();
    prop_oneof![9 => vec(attribute.clone(), 0..8), 1 => vec(attribute, 60..140)]
}

fn time() -> impl Strategy<Value = SystemTime> {
    let since = any::<u64>().prop_map(|nanos| UNIX_EPOCH + Duration::from_nanos(nanos >> 1));
    prop_oneof![9 => since, 1 => Just(UNIX_EPOCH - Duration::from_secs(1))]
}

fn context() -> impl Strategy<Value = SpanContext> {
    let state = vec(("[a-z][a-z0-9]{0,8}", "[!-+.-<>-~]{1,12}"), 0..4);
    let state = state.prop_map(|pairs| TraceState::from_key_value(pairs).expect("keys and values as they may be"));
    let state = prop_oneof![Just(TraceState::NONE), state];
    let parts = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<u8>(), any::<bool>(), state);
    parts.prop_map(|(trace_id, span_id, flags, remote, state)| {
        let (trace_id, span_id) = (TraceId::from_bytes(trace_id), SpanId::from_bytes(span_id));
        SpanContext::new(trace_id, span_id, TraceFlags::new(flags), remote, state)
    })
}

fn kind() -> impl Strategy<Value = SpanKind> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    proptest::sample::select(vec![Client, Consumer, Internal, Producer, Server])
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Unset), Just(Status::Ok), text().prop_map(Status::error)]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), any::<u32>()]
}

fn events() -> impl Strategy<Value = SpanEvents> {
    let event = (text(), time(), attributes(), count());
    let event = event.prop_map(|(name, time, attributes, dropped)| Event::new(name, time, attributes, dropped));
    (vec(event, 0..4), count()).prop_map(|(list, dropped)| {
        let mut events = SpanEvents::default();
        (events.events, events.dropped_count) = (list, dropped);
        events
    })
}

fn links() -> impl Strategy<Value = SpanLinks> {
    let link = (context(), attributes(), count());
    let link = link.prop_map(|(context, attributes, dropped)| Link::new(context, attributes, dropped));
    (vec(link, 0..4), count()).prop_map(|(list, dropped)| {
        let mut links = SpanLinks::default();
        (links.links, links.dropped_count) = (list, dropped);
        links
    })
}

/// A span that has ended.
pub fn span() -> impl Strategy<Value = SpanData> {
    let parent = prop_oneof![Just(SpanId::INVALID), any::<[u8; 8]>().prop_map(SpanId::from_bytes)];
    let who = (context(), parent, any::<bool>(), kind(), text());
    (who, time(), time(), attributes(), count(), events(), links(), status()).prop_map(
        |(who, start_time, end_time, attributes, dropped_attributes_count, events, links, status)| {
            let (span_context, parent_span_id, parent_span_is_remote, span_kind, name) = who;
            SpanData {
                span_context,
                parent_span_id,
                parent_span_is_remote,
                span_kind,
                name: name.into(),
                start_time,
                end_time,
                attributes,
                dropped_attributes_count,
                events,
                links,
                status,
                instrumentation_scope: InstrumentationScope::default(),
            }
        },
    )
}
