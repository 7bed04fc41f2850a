//! Requests and traces that are valid and far too large for anybody.

use observatory::store::MAX_TRACE_BYTES;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::observatory::{Observatory, observatory};
use crate::requests::{request, span, text, trace};

/// Sends a request that is taken and gives what is said of the spans that are left out.
async fn rejected(observatory: &Observatory, request: &ExportTraceServiceRequest) -> Option<(i64, String)> {
    let request = observatory.otlp().header("content-type", "application/x-protobuf").body(request.encode_to_vec());
    let answer = request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let partial = ExportTraceServiceResponse::decode(answer).unwrap().partial_success;
    partial.map(|partial| (partial.rejected_spans, partial.error_message))
}

fn long(span: Span, name_bytes: usize) -> Span {
    Span { name: "n".repeat(name_bytes), ..span }
}

#[tokio::test]
async fn a_summary_counts_64_services_and_the_others_together() {
    let observatory = observatory().await;
    let requests = (1..=100).map(|number| request(&format!("service-{number}"), vec![span(1, number, 0)]));
    let resource_spans = requests.flat_map(|request| request.resource_spans).collect();
    let sent = ExportTraceServiceRequest { resource_spans };
    observatory.send(&sent).await;
    let list = observatory.json("/api/traces").await;
    let services = list["traces"][0]["services"].as_array().unwrap();
    assert_eq!(services.len(), 65);
    assert_eq!((&services[63]["name"], &services[63]["spanCount"]), (&"service-64".into(), &1.into()));
    assert_eq!((&services[64]["name"], &services[64]["spanCount"]), (&"(others)".into(), &36.into()));
    let stored = observatory.server.store().trace(trace(1)).unwrap();
    assert_eq!(ExportTraceServiceRequest::decode(&stored.to_protobuf()[..]).unwrap(), sent);
}

#[tokio::test]
async fn spans_beyond_what_a_trace_may_have_are_counted_out() {
    let observatory = observatory().await;
    let half = |number| long(span(1, number, 0), MAX_TRACE_BYTES * 3 / 5);
    let message = format!("1 spans are beyond the {MAX_TRACE_BYTES} bytes that a trace may have");
    assert_eq!(rejected(&observatory, &request("s", vec![half(1)])).await, None);
    // What is small still fits, in the same request and later.
    let sent = request("s", vec![half(2), span(1, 3, 0)]);
    assert_eq!(rejected(&observatory, &sent).await, Some((1, message)));
    // A span that is there already is a duplicate, however large.
    assert_eq!(rejected(&observatory, &request("s", vec![half(1), span(1, 4, 0)])).await, None);
    let counters = observatory.server.store().counters();
    assert_eq!((counters.received, counters.spans, counters.rejected, counters.duplicates), (5, 3, 1, 1));
}

#[tokio::test]
async fn a_trace_does_not_begin_with_a_span_that_it_has_no_room_for() {
    let observatory = observatory().await;
    let sent = request("s", vec![long(span(1, 1, 0), MAX_TRACE_BYTES)]);
    assert_eq!(rejected(&observatory, &sent).await.unwrap().0, 1);
    assert!(observatory.listed("").await.is_empty());
    let counters = observatory.server.store().counters();
    assert_eq!((counters.traces, counters.bytes, counters.rejected), (0, 0, 1));
}

#[tokio::test]
async fn a_large_resource_is_not_copied_for_any_number_of_scopes() {
    let observatory = observatory().await;
    let mut sent = request("s", vec![]);
    let resource_spans = &mut sent.resource_spans[0];
    resource_spans.resource.as_mut().unwrap().attributes.push(text("large", &"x".repeat(1 << 20)));
    let scope = resource_spans.scope_spans[0].clone();
    let scopes = (1..=40).map(|number| {
        let mut scope = scope.clone();
        scope.spans = vec![span(number, 1, 0)];
        scope
    });
    resource_spans.scope_spans = scopes.collect();
    let (count, message) = rejected(&observatory, &sent).await.unwrap();
    assert_eq!(count, 9);
    assert!(message.contains("resources and scopes are too large together"), "{message}");
}
