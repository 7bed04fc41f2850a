//! A gauge whose code panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use telemetry::metrics::Gauge;
use testkit::Receiver;
use testkit::openmetrics::Exposition;

use crate::log::Log;
use crate::pipeline::{pipeline, spans};

static BROKEN: Gauge = Gauge::new("test.broken", "{thing}", "Things that cannot be counted.", "kind");
static WHOLE: Gauge = Gauge::new("test.whole", "{thing}", "Things that can.", "kind");

#[test]
fn a_gauge_that_panics_is_left_out_and_takes_nothing_else_with_it() {
    let log = Log::of_all_threads();
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_METRICS_EXPORTER", "otlp")]);
    let asked = Arc::new(AtomicU32::new(0));
    let asking = Arc::clone(&asked);
    telemetry.metrics().add_gauge(&BROKEN, move || -> Vec<(&'static str, i64)> {
        asking.fetch_add(1, Ordering::Relaxed);
        panic!("on purpose")
    });
    telemetry.metrics().add_gauge(&WHOLE, || [("a", 7)]);
    for round in 1..=2 {
        spans(&telemetry, 3);
        telemetry.flush().expect("all that there is arrives");
        assert_eq!(receiver.spans().len(), 3 * round);
        let text = telemetry.metrics().to_text("test-service", "1.2.3");
        assert!(!text.contains("test_broken"), "{text}");
        assert_eq!(Exposition::parse(&text).sum("test_whole", &[("kind", "a")]), 7.0);
    }
    telemetry.shutdown().expect("its thread is there");
    let said = log.lines().into_iter().filter(|line| line.contains("test.broken")).count();
    assert_eq!((said, asked.load(Ordering::Relaxed)), (1, 1), "{:?}", log.lines());
}
