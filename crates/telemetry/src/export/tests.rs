//! A whole request of several scopes, held against what the usual crate makes of the same spans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{Span as _, SpanKind, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Status};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use prost::Message;

use super::queue::Queue;
use super::{request, scope};
use crate::Config;
use crate::measuring::replay;
use crate::recording::{Recorder, unix_nanos};
use crate::sampling::Sampler;

/// Keeps what ends, as the usual exporter would get it.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Kept {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn scopes() -> Vec<InstrumentationScope> {
    let named = |name| InstrumentationScope::builder(name);
    vec![
        named("own").with_version("1.2.3").with_schema_url("https://opentelemetry.io/schemas/1.42.0").build(),
        named("other").build(),
        named("").build(),
        named("own").with_version("2").with_attributes([KeyValue::new("a", 1), KeyValue::new("b", true)]).build(),
    ]
}

/// With attributes in the order of their keys, which no resource has, and scopes in the order of their first span; their
/// chunks put together.
fn normal(mut request: ExportTraceServiceRequest) -> ResourceSpans {
    let [resource] = &mut request.resource_spans[..] else { panic!("one resource") };
    resource.resource.as_mut().expect("a resource").attributes.sort_by(|a, b| a.key.cmp(&b.key));
    let mut scopes = BTreeMap::new();
    for mut scope in std::mem::take(&mut resource.scope_spans) {
        // The usual exporter writes an empty status, which says the same as none.
        scope.spans.iter_mut().for_each(|span| span.status = span.status.take().filter(|it| *it != Status::default()));
        let key = (scope.scope.as_ref().map(Message::encode_to_vec), scope.schema_url.clone());
        scopes
            .entry(key)
            .and_modify(|known: &mut ScopeSpans| {
                known.spans.extend(scope.spans.iter().cloned());
            })
            .or_insert(scope);
    }
    resource.scope_spans = scopes.into_values().collect();
    resource.clone()
}

#[test]
fn a_request_of_several_scopes_is_what_the_usual_exporter_would_send() {
    let lookup = |name: &str| (name == "OTEL_RESOURCE_ATTRIBUTES").then(|| "team=blue,empty=".to_owned());
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    let resource = crate::resource::resource(&config);
    let (queue, kept) = (Arc::new(Queue::new(config.span_batch)), Kept::default());
    let provider =
        SdkTracerProvider::builder().with_span_processor(kept.clone()).with_resource(resource.clone()).build();
    let tracers: Vec<_> = scopes().into_iter().map(|scope| provider.tracer_with_scope(scope)).collect();
    for number in 0..40_i64 {
        let tracer = &tracers[(number * 7 % 5 % 4) as usize];
        let builder = tracer.span_builder(format!("span {number}")).with_kind(SpanKind::Server);
        let mut span = builder.with_attributes([KeyValue::new("number", number)]).start(tracer);
        span.add_event("event", vec![KeyValue::new("half", number as f64 / 2.0)]);
    }
    let spans = std::mem::take(&mut *kept.0.lock().unwrap_or_else(PoisonError::into_inner));
    assert_eq!(spans.len(), 40);
    let recorder = |scope: InstrumentationScope| {
        let queue = (Arc::clone(&queue), scope::prefix(&scope).into());
        (scope, Arc::new(Recorder::new(Sampler::new(&config), config.span_limits, Some(queue))))
    };
    let recorders: Vec<_> = scopes().into_iter().map(recorder).collect();
    for span in &spans {
        let (_, recorder) =
            recorders.iter().find(|(scope, _)| *scope == span.instrumentation_scope).expect("its scope");
        replay(recorder, span).end(unix_nanos(span.end_time));
    }
    queue.seal_all();
    let body = request::body(&request::resource_prefix(&resource), queue.take(), |chunk| queue.lend(chunk));
    let ours = ExportTraceServiceRequest::decode(&body.to_vec()[..]).expect("an export request");
    let usual = group_spans_by_resource_and_scope(spans, &ResourceAttributesWithSchema::from(&resource));
    let usual = ExportTraceServiceRequest { resource_spans: usual };
    let (ours, usual) = (normal(ours), normal(usual));
    assert_eq!(ours.scope_spans.len(), 4);
    assert_eq!(ours, usual);
}
