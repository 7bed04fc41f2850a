//! Which traces are recorded, that a trace is recorded whole, and what one that is not costs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, Value};
use telemetry::{KeyValue, Telemetry};
use testkit::Receiver;

use crate::ledger::Ledger;
use crate::pipeline::{pipeline, span_with, spans};

const ALWAYS_OFF: (&str, &str) = ("OTEL_TRACES_SAMPLER", "always_off");

/// A span below one of another service.
fn span_below(telemetry: &Telemetry, sampled: bool, name: &'static str) {
    let flags = if sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let parent = SpanContext::new(TraceId::from(7), SpanId::from(8), flags, true, TraceState::NONE);
    let _entered = Context::new().with_value(telemetry.clone()).with_remote_span_context(parent).attach();
    telemetry::in_span(name, std::future::ready(())).now_or_never().expect("nothing in it waits");
}

#[test]
fn a_ratio_takes_its_share_of_traces_and_counts_the_others() {
    let receiver = Receiver::start();
    let variables = [("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.5")];
    let telemetry = pipeline(&receiver.endpoint(), &variables);
    spans(&telemetry, 2_000);
    telemetry.flush().expect("they arrive");
    let arrived = receiver.spans().len();
    // Nine standard deviations around the half.
    assert!((800..1_200).contains(&arrived), "{arrived}");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.exported, ledger.unsampled), (arrived as u64, 2_000 - arrived as u64));
}

#[test]
fn who_is_asked_to_record_nothing_sends_nothing() {
    for sampler in [ALWAYS_OFF, ("OTEL_TRACES_SAMPLER_ARG", "0")] {
        let receiver = Receiver::start();
        let telemetry = pipeline(&receiver.endpoint(), &[sampler, ("OTEL_TRACES_SAMPLER", "traceidratio")]);
        spans(&telemetry, 100);
        telemetry.shutdown().expect("there is nothing to send");
        assert_eq!((receiver.requests().len(), Ledger::of(&telemetry).unsampled), (0, 100));
    }
}

#[test]
fn a_callers_decision_is_kept_whatever_the_own_one_would_be() {
    for sampler in ["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"] {
        let receiver = Receiver::start();
        let variables = [("OTEL_TRACES_SAMPLER", sampler), ("TELEMETRY_MAX_SPANS_PER_SECOND", "1")];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        for _ in 0..20 {
            span_below(&telemetry, true, "recorded");
            span_below(&telemetry, false, "not recorded");
        }
        telemetry.flush().expect("they arrive");
        assert_eq!(receiver.span_names(), vec!["recorded"; 20], "{sampler}");
        assert!(receiver.spans().iter().all(|span| span.flags == 0x301), "the parent is remote");
        let ledger = Ledger::of(&telemetry);
        assert_eq!((ledger.started, ledger.unsampled), (20, 20), "{sampler}");
    }
}

#[test]
fn a_sampler_that_is_not_parent_based_does_not_ask_the_caller() {
    // Spans that are recorded of a caller that has left its trace out, and of one that has sampled it.
    for (sampler, argument, recorded) in
        [("always_on", "", [4, 4]), ("always_off", "", [0, 0]), ("traceidratio", "0", [0, 0])]
    {
        let receiver = Receiver::start();
        let variables = [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        for (sampled, name) in [(false, "left out"), (true, "sampled")] {
            (0..4).for_each(|_| span_below(&telemetry, sampled, name));
        }
        telemetry.flush().expect("they arrive");
        let of = |name: &str| receiver.span_names().iter().filter(|found| *found == name).count();
        assert_eq!([of("left out"), of("sampled")], recorded, "{sampler}");
        assert!(receiver.spans().iter().all(|span| span.flags & 1 == 1), "what is recorded says so");
        let ledger = Ledger::of(&telemetry);
        assert_eq!((ledger.started, ledger.started + ledger.unsampled), (recorded.iter().sum::<usize>() as u64, 8));
    }
}

#[test]
fn the_cap_on_spans_a_second_leaves_no_holes_in_traces_that_have_begun_elsewhere() {
    let receiver = Receiver::start();
    let variables = [("OTEL_TRACES_SAMPLER", "always_on"), ("TELEMETRY_MAX_SPANS_PER_SECOND", "1")];
    let telemetry = pipeline(&receiver.endpoint(), &variables);
    (0..20).for_each(|_| span_below(&telemetry, true, "of a caller"));
    telemetry.flush().expect("they arrive");
    assert_eq!(receiver.span_names(), vec!["of a caller"; 20]);
}

#[test]
fn the_cap_on_spans_a_second_leaves_whole_traces() {
    /// Spans of each trace: the cap is no multiple of it.
    const EACH: usize = 5;
    /// Traces of each thread: far more than the cap allows in the time that they take.
    const TRACES: usize = 500;
    let receiver = Receiver::start();
    let telemetry = pipeline(&receiver.endpoint(), &[("TELEMETRY_MAX_SPANS_PER_SECOND", "22")]);
    let trace = || {
        span_with(&telemetry, "root", || {
            for _ in 1..EACH {
                telemetry::in_span("child", std::future::ready(())).now_or_never().expect("nothing in it waits");
            }
        });
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| (0..TRACES).for_each(|_| trace())))));
    telemetry.flush().expect("they arrive");
    let mut traces = BTreeMap::<_, usize>::new();
    receiver.spans().into_iter().for_each(|span| *traces.entry(span.trace_id).or_default() += 1);
    assert!(!traces.is_empty() && traces.len() < TRACES, "{} of {} traces", traces.len(), 4 * TRACES);
    assert!(traces.values().all(|spans| *spans == EACH), "a trace has holes: {traces:?}");
    let ledger = Ledger::of(&telemetry);
    assert_eq!(ledger.started + ledger.unsampled, (4 * TRACES * EACH) as u64);
}

/// Counts how often it is made into an attribute's value.
struct Counting(Arc<AtomicUsize>);

impl From<Counting> for Value {
    fn from(Counting(made): Counting) -> Self {
        made.fetch_add(1, Ordering::Relaxed);
        Self::I64(1)
    }
}

#[test]
fn a_span_that_is_not_sampled_builds_no_attributes_and_no_events() {
    for (variables, expected) in [(&[][..], 3), (&[ALWAYS_OFF][..], 0), (&[("OTEL_SDK_DISABLED", "true")][..], 0)] {
        let receiver = Receiver::start();
        let telemetry = pipeline(&receiver.endpoint(), variables);
        let made = Arc::new(AtomicUsize::new(0));
        let counting = || Counting(Arc::clone(&made));
        span_with(&telemetry, "a", || {
            telemetry::set_attribute("counted", counting());
            telemetry::event("counted", std::iter::repeat_with(|| KeyValue::new("counted", counting())).take(2));
        });
        assert_eq!(made.load(Ordering::Relaxed), expected, "{variables:?}");
    }
}
