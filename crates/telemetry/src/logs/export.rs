//! Events to the queue of log records, where a [`Telemetry`] has one.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::SystemTime;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, InstrumentationScope};
use otlp::encode::logs::SpanReference;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;

use super::record;
use crate::config::LogLimits;
use crate::export::queue::Queue;
use crate::export::scope;
use crate::pipeline::Telemetry;
use crate::recording::unix_nanos;

/// Crates that carry telemetry, this one's exporter among them. What they log would be carried by them in turn, and each
/// export would make the next one.
const OF_THE_EXPORTER: [&str; 11] = [
    "telemetry::export",
    "h2",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "opentelemetry",
    "opentelemetry_sdk",
    "reqwest",
    "rustls",
    "tokio_rustls",
    "tower",
];
/// A buffer that grew beyond this is not kept: one large record shall not hold its memory for as long as the thread lives.
const SCRATCH_BYTES: usize = 16 << 10;

/// What holds for records outside of a request. It holds no pipeline: one that everybody else has forgotten ends, and delivers
/// what it has.
#[derive(Debug)]
struct Main {
    records: Weak<Records>,
    personal_data: bool,
}

static MAIN: OnceLock<Main> = OnceLock::new();

pub(super) fn set_main(telemetry: &Telemetry) {
    let records = telemetry.log_records().map(Arc::downgrade).unwrap_or_default();
    // A second one is not an error: the first one stays.
    let _ = MAIN.set(Main { records, personal_data: telemetry.personal_data() });
}

/// Whether records outside of a request may have what is personal.
pub(super) fn main_has_personal_data() -> bool {
    MAIN.get().is_some_and(|main| main.personal_data)
}

/// Where the log records of one [`Telemetry`] wait for their export.
#[derive(Debug)]
pub(crate) struct Records {
    queue: Arc<Queue>,
    limits: LogLimits,
}

impl Records {
    pub(crate) fn new(queue: Arc<Queue>, limits: LogLimits) -> Self {
        Self { queue, limits }
    }
}

/// A target, and what stands in front of its records.
type Prefix = (&'static str, Arc<[u8]>);

/// The layer that encodes events.
#[derive(Default)]
pub(super) struct Export {
    /// As many as the program has targets, which are literals in its source.
    prefixes: RwLock<Vec<Prefix>>,
}

thread_local! {
    /// Where an event's record and its values are written before the queue has them.
    static SCRATCH: RefCell<(Vec<u8>, String)> = RefCell::default();
}

impl<S: Subscriber> Layer<S> for Export {
    fn on_event(&self, event: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let target = event.metadata().target();
        if is_of_the_exporter(target) {
            return;
        }
        // Only what is needed is taken from the context: a value's formatting may be code that makes another one current.
        let (telemetry, span) = Context::map_current(|context| {
            let span = context.span();
            let span = span.span_context();
            let reference = span.is_valid().then(|| SpanReference {
                trace_id: otlp::TraceId(span.trace_id().to_bytes()),
                span_id: otlp::SpanId(span.span_id().to_bytes()),
                flags: span.trace_flags().to_u8(),
            });
            (context.get::<Telemetry>().cloned(), reference)
        });
        let records = match &telemetry {
            Some(telemetry) => telemetry.log_records().map(Arc::clone),
            None => MAIN.get().and_then(|main| main.records.upgrade()),
        };
        let Some(records) = records else { return };
        let unix_nanos = unix_nanos(SystemTime::now());
        let push = |(bytes, text): &mut (Vec<u8>, String)| {
            bytes.clear();
            record::append(bytes, text, event, unix_nanos, span, records.limits);
            records.queue.push(&self.prefix(target), |out| out.extend_from_slice(bytes));
            bytes.shrink_to(SCRATCH_BYTES);
            text.shrink_to(SCRATCH_BYTES);
        };
        // The queue's lock is not held while values are formatted: that is other people's code, which may log, panic, or take
        // its time. An event that is logged by the formatting of another one has buffers of its own.
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => push(&mut scratch),
            Err(_) => push(&mut Default::default()),
        });
    }
}

impl Export {
    fn prefix(&self, target: &'static str) -> Arc<[u8]> {
        let known = |prefixes: &[Prefix]| {
            prefixes.iter().find(|(known, _)| *known == target).map(|(_, prefix)| Arc::clone(prefix))
        };
        if let Some(prefix) = known(&self.prefixes.read().unwrap_or_else(PoisonError::into_inner)) {
            return prefix;
        }
        let mut prefixes = self.prefixes.write().unwrap_or_else(PoisonError::into_inner);
        known(&prefixes).unwrap_or_else(|| {
            let prefix: Arc<[u8]> = scope::prefix(&InstrumentationScope::builder(target).build()).into();
            prefixes.push((target, Arc::clone(&prefix)));
            prefix
        })
    }
}

/// Whether the target is one of those crates or modules, or in one of them.
fn is_of_the_exporter(target: &str) -> bool {
    let inside = |name: &str| target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    OF_THE_EXPORTER.into_iter().any(inside)
}

#[cfg(test)]
mod tests {
    use super::is_of_the_exporter;

    #[test]
    fn what_carries_telemetry_is_told_from_what_is_named_alike() {
        for target in ["telemetry::export", "telemetry::export::lane", "hyper::proto::h1", "hyper_util", "h2::client"] {
            assert!(is_of_the_exporter(target), "{target}");
        }
        for target in ["telemetry", "telemetry::exporters", "hyperspace", "h2o", "order_service", ""] {
            assert!(!is_of_the_exporter(target), "{target}");
        }
    }
}
