//! Lines on standard error.

use std::io::Write;
use std::sync::{Arc, Mutex};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use serde_json::Value;
use telemetry::{Telemetry, logs};
use testkit::client::TRACE;
use tracing::subscriber::DefaultGuard;

pub const SPAN: &str = "b7ad6b7169203331";

/// What would be on standard error.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// The log of this thread from now on.
    pub fn start(filter: &str) -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = logs::subscriber("test-service", filter, move || writer.clone()).expect("a filter");
        (lines, tracing::subscriber::set_default(subscriber))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }

    pub fn last(&self) -> Value {
        let text = self.text();
        serde_json::from_str(text.lines().last().expect("a line")).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// The context of a request in [`TRACE`], to `telemetry` if there is one.
pub fn in_a_trace(telemetry: Option<&Telemetry>) -> Context {
    let (trace_id, span_id) = (TraceId::from_hex(TRACE).expect("an id"), SpanId::from_hex(SPAN).expect("an id"));
    let span = SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, true, TraceState::NONE);
    let context = Context::new().with_remote_span_context(span);
    telemetry.map_or(context.clone(), |telemetry| context.with_value(telemetry.clone()))
}

#[test]
fn a_line_has_its_trace_and_each_name_once_and_nothing_breaks_out_of_it() {
    let (lines, _log) = Lines::start("info");
    tracing::info!(
        a = 1,
        a = 2,
        level = "mine",
        trace_id = "mine",
        odd = f64::NAN,
        big = u64::MAX,
        "said \"so\"\n\u{7}"
    );
    let line = lines.last();
    assert_eq!((&line["a"], &line["level"], &line["event.level"]), (&1.into(), &"INFO".into(), &"mine".into()));
    assert_eq!((&line["trace_id"], &line["event.trace_id"]), (&Value::Null, &"mine".into()));
    assert_eq!((&line["odd"], &line["big"]), (&Value::Null, &u64::MAX.into()));
    assert_eq!(line["message"], "said \"so\"\n\u{7}");
    let text = lines.text();
    assert_eq!((text.matches("\"a\":").count(), text.matches("\"level\":").count(), text.lines().count()), (1, 1, 1));
    let _span = in_a_trace(None).attach();
    tracing::warn!(error = %"x\u{1b}[31m", "in a trace");
    let line = lines.last();
    assert_eq!((&line["trace_id"], &line["span_id"]), (&TRACE.into(), &SPAN.into()));
    assert_eq!((&line["service.name"], &line["target"]), (&"test-service".into(), &module_path!().into()));
    assert!(!lines.text().contains('\u{1b}'), "no terminal takes orders from a log");
}
