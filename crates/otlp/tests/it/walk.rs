//! The walker against the reference decoder, and against anything at all.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use otlp::walk::{self, Fault, IdError, Span};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message;

use crate::{arbitrary, rebuild};

fn count(request: &ExportTraceServiceRequest) -> usize {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.map(|scope| scope.spans.len()).sum()
}

proptest! {
    /// A zero parent id is read as none, which the reference keeps; random ids are never zero.
    #[test]
    fn every_field_reads_as_the_reference_wrote_it(request in arbitrary::request()) {
        let bytes = request.encode_to_vec();
        prop_assert_eq!(walk::check(&bytes), Ok(count(&request)));
        prop_assert_eq!(rebuild::request(&bytes), Ok(request));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = rebuild::request(&bytes);
        let _ = Span::parse(&bytes);
    }

    #[test]
    fn damaged_bytes_are_accepted_where_the_reference_accepts_them(
        request in arbitrary::request(),
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in any::<Index>(),
    ) {
        let mut bytes = request.encode_to_vec();
        prop_assume!(!bytes.is_empty());
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(decoded) = ExportTraceServiceRequest::decode(bytes) {
                prop_assert_eq!(walk::check(bytes), Ok(count(&decoded)));
            }
            let _ = rebuild::request(bytes);
        }
    }
}

#[test]
fn unknown_fields_and_groups_are_skipped() {
    let name = [0x2a, 1, b'x'];
    let unknown = [&[0xf8, 0x7f, 5][..], &[0xfb, 0x7f, 0x0b, 0x08, 1, 0x0c, 0xfc, 0x7f], &[0xfd, 0x7f, 1, 2, 3, 4]];
    let bytes = [unknown.concat(), name.to_vec(), unknown.concat()].concat();
    assert_eq!(Span::parse(&bytes).unwrap().name(), "x");
}

#[test]
fn what_is_wrong_is_said_with_the_field() {
    let error = |bytes: &[u8]| Span::parse(bytes).map(drop).unwrap_err();
    assert_eq!(error(&[0x2a, 1, 0xff]).to_string(), "Span.name: it is not UTF-8");
    assert_eq!(error(&[0x2a, 2, b'x']).to_string(), "Span: the bytes end inside of it");
    assert_eq!(error(&[0x28, 1]).to_string(), "Span.name: it has the wrong wire type");
    assert_eq!(error(&[0x00]).fault, Fault::Tag);
    assert_eq!(error(&[0x0c]).fault, Fault::Tag);
    assert_eq!(error(&[0x30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]).fault, Fault::Overlong);
    assert_eq!(error(&[0x2a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]).fault, Fault::Truncated);
    assert_eq!(error(&[0x0b; 40]).fault, Fault::Depth);
}

#[test]
fn values_nested_too_deep_are_refused() {
    let nested = |depth: usize| {
        let mut value = AnyValue { value: Some(Any::IntValue(1)) };
        for _ in 0..depth {
            value = AnyValue { value: Some(Any::ArrayValue(ArrayValue { values: vec![value] })) };
        }
        let attributes = vec![KeyValue { key: "k".into(), value: Some(value), ..KeyValue::default() }];
        let resource = Some(Resource { attributes, ..Resource::default() });
        let resource_spans = vec![ResourceSpans { resource, ..ResourceSpans::default() }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    };
    assert_eq!(walk::check(&nested(32)), Ok(0));
    assert_eq!(walk::check(&nested(33)).unwrap_err().fault, Fault::Depth);
}

#[test]
fn nothing_follows_an_error() {
    let mut spans = walk::resource_spans(&[0x0a, 1, 0x0c, 0x0a, 0]);
    assert!(spans.next().unwrap().is_err());
    assert!(spans.next().is_none());
}

#[test]
fn ids_of_the_wrong_length_or_zero_are_named() {
    let ids = |bytes: &[u8]| Span::parse(bytes).unwrap().ids();
    let trace = [&[0x0a, 16][..], &[1; 16]].concat();
    let span = [&[0x12, 8][..], &[1; 8]].concat();
    assert_eq!(ids(&span), Err(IdError::TraceId));
    assert_eq!(ids(&[&[0x0a, 16][..], &[0; 16], &span].concat()), Err(IdError::TraceId));
    assert_eq!(ids(&trace), Err(IdError::SpanId));
    assert_eq!(ids(&[&trace[..], &span, &[0x22, 1, 1]].concat()), Err(IdError::ParentSpanId));
    let zero_parent = ids(&[&trace[..], &span, &[0x22, 8], &[0; 8]].concat()).unwrap();
    assert_eq!(zero_parent.parent_span_id, None);
}

#[test]
fn the_service_is_named_by_its_resource() {
    let attributes = [("service.name", otlp::encode::Value::Str("user-service"))];
    let request = otlp::encode::TraceRequest::new(&attributes, "", "");
    let resource = walk::resource_spans(request.bytes()).next().unwrap().unwrap();
    assert_eq!(resource.service_name(), "user-service");
}
