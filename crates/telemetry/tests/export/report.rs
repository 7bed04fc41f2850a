//! What the log says of a pipeline: which settings have no effect, and in the end what became of all spans.

use std::pin::pin;

use futures_util::FutureExt;
use telemetry::Telemetry;
use testkit::openmetrics::Exposition;
use testkit::{Receiver, Reply};

use crate::log::Log;
use crate::pipeline::{pipeline, spans};

/// The lines of the pipeline's end.
fn said_at_the_end(telemetry: &Telemetry) -> Vec<String> {
    Log::of(|| {
        // Whether all has arrived is what the line says.
        let _ = telemetry.shutdown();
    })
}

#[test]
fn the_end_says_in_one_line_that_every_span_was_delivered() {
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[]);
    spans(&telemetry, 3);
    let lines = said_at_the_end(&telemetry);
    let [line] = &lines[..] else { panic!("one line: {lines:#?}") };
    assert!(line.contains("INFO") && line.contains("every span was delivered ended=3 exported=3"), "{line}");
    assert_eq!(said_at_the_end(&telemetry).len(), 0, "it is said once");
}

#[test]
fn the_end_says_in_one_line_how_many_spans_were_lost_and_why() {
    let receiver = Receiver::start();
    receiver.hold();
    receiver.answer_next([Reply::Partial(4, "no"), Reply::Status(400, vec![]), Reply::Status(413, vec![])]);
    let variables = [("OTEL_BSP_MAX_QUEUE_SIZE", "50"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10")];
    let telemetry = pipeline(&receiver.endpoint(), &variables);
    spans(&telemetry, 60);
    receiver.wait_until_held(5);
    receiver.release();
    // It has begun and does not end before the pipeline does.
    let mut unfinished = pin!(telemetry::in_root_span(&telemetry, "unfinished", std::future::pending::<()>()));
    assert!((&mut unfinished).now_or_never().is_none());
    let lines = said_at_the_end(&telemetry);
    let [line] = &lines[..] else { panic!("one line: {lines:#?}") };
    let expected = "not every span was delivered ended=60 exported=26 failed=24 reasons=\"400=10 413=10 rejected=4\" \
                    dropped=10 late=0 waiting=0 unfinished=1";
    assert!(line.contains("WARN") && line.contains(expected), "{line}");
    let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
    let exports = |labels: &[(&str, &str)]| metrics.sum("otel_sdk_exporter_operation_duration_seconds_count", labels);
    assert_eq!(exports(&[("otel_component_type", "otlp_http_span_exporter")]), 5.0);
    assert_eq!((exports(&[("error_type", "400")]), exports(&[("error_type", "413")])), (1.0, 1.0));
}

#[test]
fn the_begin_says_once_which_settings_have_no_effect() {
    let receiver = Receiver::start();
    let variables = [("OTEL_LOG_LEVEL", "debug"), ("OTEL_ENTITIES", "service{service.name=shop}")];
    let lines = Log::of(|| drop(pipeline(&receiver.endpoint(), &variables)));
    let said: Vec<_> = lines.iter().filter(|line| line.contains("a setting has no effect")).collect();
    assert_eq!(said.len(), 2, "{lines:#?}");
    assert!(said[0].contains("WARN") && said[0].contains("OTEL_LOG_LEVEL has no effect"), "{lines:#?}");
}
