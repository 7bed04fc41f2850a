//! The steps of a span's life.

use std::error::Error;
use std::hint::black_box;

use serde::Serialize;
use telemetry::Telemetry;
use telemetry::measuring::{self, Context, Recording, Said, Span as _, SpanKind};

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
    let (mut create, mut attributes, mut end, mut unsampled) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let begin = |parent: &Context| measuring::begin(telemetry, parent, "GET /orders/{id}", SpanKind::Server);
    for _ in 0..ROUNDS {
        let parent = measuring::remote_parent(true);
        let (cost, spans) = time(vec![(); ROUND], |()| begin(&parent))?;
        create.push(cost);
        let spans: Vec<Recording> = spans.into_iter().collect::<Option<_>>().ok_or("telemetry is disabled")?;
        let (cost, spans) = time(spans, |mut span| {
            measuring::describe(&mut span, &black_box(SAID));
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
        let (cost, _) = time(vec![(); ROUND], |()| drop(begin(&parent)))?;
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
        step("encode", &encode(telemetry)?),
        step("create and end, not sampled", &unsampled),
    ])
}

/// As many attributes as a SERVER span has.
const SAID: Said<'static> = Said {
    texts: ["GET", "/orders/{id}", "/orders/4711", "http", "127.0.0.1", "127.0.0.1", "1.1", "cargo-stack-bench"],
    port: 5002,
    status: 200,
};

/// A span's attributes and then the span, into buffers that have been used before, as the exporter's are.
fn encode(telemetry: &Telemetry) -> Outcome<Vec<Cost>> {
    let span = measuring::begin(telemetry, &measuring::remote_parent(true), "GET /orders/{id}", SpanKind::Server);
    let mut span = span.ok_or("telemetry is disabled")?;
    let mut buffer = Vec::new();
    let mut costs = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        buffer.clear();
        let encode = |()| measuring::encode(&mut buffer, &mut span, &black_box(SAID));
        let (cost, _) = time(vec![(); ROUND], encode)?;
        // The first round makes the buffer.
        if round > 0 {
            costs.push(cost);
        }
    }
    Ok(costs)
}
