//! The steps of a span's life.

use std::error::Error;

use serde::Serialize;
use telemetry::measuring::{self, Context, KeyValue, SdkTracer, Span as _, SpanKind, Tracer};
use telemetry::{Telemetry, Value};

use crate::stopwatch::{Cost, ROUND, ROUNDS, median, time};

/// One step, as it is printed.
#[derive(Debug, Serialize)]
pub struct Step {
    name: &'static str,
    nanoseconds: f64,
    allocations: f64,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures all steps.
pub fn measure(telemetry: &Telemetry) -> Outcome<Vec<Step>> {
    let tracer = measuring::tracer(telemetry).ok_or("telemetry is disabled")?;
    let mut create = Vec::new();
    let mut attributes = Vec::new();
    let mut end = Vec::new();
    let mut unsampled = Vec::new();
    for _ in 0..ROUNDS {
        let parent = measuring::remote_parent(true);
        let (cost, spans) = time(vec![(); ROUND], |()| begin(&tracer, &parent))?;
        create.push(cost);
        let (cost, spans) = time(spans, |mut span| {
            span.set_attributes(ten_attributes());
            span
        })?;
        attributes.push(cost);
        let (cost, spans) = time(spans, |mut span| {
            span.end();
            span
        })?;
        end.push(cost);
        drop(spans);
        // The queue has room for a round: what a full queue costs is another question.
        telemetry.flush()?;
        let parent = measuring::remote_parent(false);
        let (cost, _) = time(vec![(); ROUND], |()| begin(&tracer, &parent).end())?;
        unsampled.push(cost);
    }
    let step = |name, costs: &[Cost]| {
        let Cost { nanoseconds, allocations } = median(costs);
        Step { name, nanoseconds, allocations }
    };
    Ok(vec![
        step("create", &create),
        step("ten attributes", &attributes),
        step("end", &end),
        step("encode", &encode()?),
        step("create and end, not sampled", &unsampled),
    ])
}

fn begin(tracer: &SdkTracer, parent: &Context) -> measuring::SdkSpan {
    let builder = tracer.span_builder("GET /orders/{id}").with_kind(SpanKind::Server);
    tracer.build_with_context(builder, parent)
}

/// As many as a SERVER span has, four of them made for each request.
fn ten_attributes() -> Vec<KeyValue> {
    vec![
        KeyValue::new("http.request.method", "GET"),
        KeyValue::new("http.route", "/orders/{id}"),
        KeyValue::new("url.path", "/orders/4711".to_owned()),
        KeyValue::new("url.scheme", "http"),
        KeyValue::new("server.address", "127.0.0.1".to_owned()),
        KeyValue::new("server.port", Value::I64(5002)),
        KeyValue::new("client.address", "127.0.0.1".to_owned()),
        KeyValue::new("network.protocol.version", "1.1"),
        KeyValue::new("user_agent.original", "cargo-stack-bench".to_owned()),
        KeyValue::new("http.response.status_code", Value::I64(200)),
    ]
}

/// A finished span into a buffer that has been used before, as the exporter's are.
fn encode() -> Outcome<Vec<Cost>> {
    let span = measuring::finished_span(ten_attributes());
    let mut buffer = Vec::new();
    let mut costs = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        buffer.clear();
        let (cost, _) = time(vec![(); ROUND], |()| measuring::encode(&mut buffer, &span))?;
        // The first round makes the buffer.
        if round > 0 {
            costs.push(cost);
        }
    }
    Ok(costs)
}
