//! What reaches the next process through spans of the SDK, which has no room for all that a context brings.

use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState, Tracer, TracerProvider};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use telemetry::propagation::{Level, Propagators};

use super::{value, written};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// The context of a span of ours two spans below `parent`.
fn below(parent: &Context, sampler: Sampler) -> Context {
    let provider = SdkTracerProvider::builder().with_sampler(Sampler::ParentBased(Box::new(sampler))).build();
    let tracer = provider.tracer("test");
    let outer = parent.with_span(tracer.build_with_context(tracer.span_builder("outer"), parent));
    outer.with_span(tracer.build_with_context(tracer.span_builder("inner"), &outer))
}

/// `traceparent` without its ids.
fn flags(propagators: &Propagators, context: &Context) -> String {
    let headers = written(propagators, context);
    let header = value(&headers, "traceparent").expect("a context");
    assert_eq!(header[3..35], context.span().span_context().trace_id().to_string());
    assert_eq!(header[36..52], context.span().span_context().span_id().to_string());
    header[52..].to_owned()
}

#[test]
fn a_trace_goes_on_with_the_flags_that_it_came_with() {
    let propagators = Propagators::default();
    for flag in ["00", "01", "02", "03"] {
        let parent = propagators.extract(&[("traceparent", format!("00-{TRACE}-{SPAN}-{flag}"))][..]);
        let ours = below(&parent, Sampler::AlwaysOff);
        assert_ne!(ours.span().span_context().span_id().to_string(), SPAN);
        assert_eq!(flags(&propagators, &ours), format!("-{flag}"));
    }
}

#[test]
fn what_a_request_brings_is_added_to_the_context_that_it_begins_as() {
    let propagators = Propagators::default();
    let header = |flag: &str| [("traceparent", format!("00-{TRACE}-{SPAN}-{flag}"))];
    let base = Context::new().with_value(7_u8);
    for flag in ["00", "01", "02", "03"] {
        let parent = propagators.extract_into(&base, &header(flag)[..]);
        assert_eq!(parent.get::<u8>(), Some(&7));
        assert_eq!(flags(&propagators, &below(&parent, Sampler::AlwaysOff)), format!("-{flag}"));
        // A message that is read while a request is answered has a trace of its own.
        let message = propagators.extract_into(&parent, &header("02")[..]);
        assert_eq!(flags(&propagators, &below(&message, Sampler::AlwaysOff)), "-02");
    }
    let ours = below(&propagators.extract_into(&base, &header("nonsense")[..]), Sampler::AlwaysOn);
    assert_eq!(flags(&propagators, &ours), "-03");
}

#[test]
fn a_trace_that_begins_here_has_a_random_id_at_level_2() {
    let level_1 = Propagators::default().with_level(Level::One);
    for (sampler, two, one) in [(Sampler::AlwaysOn, "-03", "-01"), (Sampler::AlwaysOff, "-02", "-00")] {
        let ours = below(&Context::new(), sampler);
        assert_eq!(flags(&Propagators::default(), &ours), two);
        assert_eq!(flags(&level_1, &ours), one);
    }
}

#[test]
fn a_parent_that_an_application_read_itself_goes_on_with_its_flags() {
    let (trace_id, span_id) = (TraceId::from_hex(TRACE).expect("an id"), SpanId::from_hex(SPAN).expect("an id"));
    for flag in 0..4 {
        let span = SpanContext::new(trace_id, span_id, TraceFlags::new(flag), true, TraceState::NONE);
        let context = Context::new().with_remote_span_context(span);
        assert_eq!(flags(&Propagators::default(), &context), format!("-{flag:02x}"));
    }
}

#[test]
fn another_trace_in_the_same_context_keeps_its_own_flags() {
    let propagators = Propagators::default();
    let headers = [("traceparent", format!("00-{TRACE}-{SPAN}-01")), ("tracestate", "a@b@c=1".to_owned())];
    let parent = propagators.extract(&headers[..]);
    let provider = SdkTracerProvider::builder().build();
    let root =
        provider.tracer("test").build_with_context(provider.tracer("test").span_builder("root"), &Context::new());
    let other = parent.with_span(root);
    assert_eq!(flags(&propagators, &other), "-03");
    assert_eq!(value(&written(&propagators, &other), "tracestate"), None);
}

#[test]
fn the_state_goes_on_whether_the_sdk_takes_its_keys_or_not() {
    let propagators = Propagators::default();
    for state in ["vendor=1,tenant@system=2", "1=1,a@b@c=2", "b=0,a@@=1,c=2"] {
        for flag in ["02", "03"] {
            let headers = [("traceparent", format!("00-{TRACE}-{SPAN}-{flag}")), ("tracestate", state.to_owned())];
            let ours = below(&propagators.extract(&headers[..]), Sampler::AlwaysOn);
            let on = written(&propagators, &ours);
            assert_eq!(value(&on, "tracestate"), Some(state), "flags {flag}");
            assert_eq!(flags(&propagators, &ours), format!("-{flag}"), "{state}");
        }
    }
}

#[test]
fn no_header_is_written_without_a_span_and_without_baggage() {
    assert!(written(&Propagators::default(), &Context::new()).is_empty());
    let foreign = Context::new().with_baggage([opentelemetry::KeyValue::new("user.email", "a@b.c")]);
    assert!(written(&Propagators::default(), &foreign).is_empty());
}

#[test]
fn what_an_application_puts_into_baggage_cannot_become_another_member() {
    let propagators = Propagators::new(&telemetry::propagation::Propagator::DEFAULT, ["a", "b", "c d", "e", "a"]);
    let mut baggage = Baggage::new();
    baggage.insert_with_metadata("a", "1,user.email=x", "p;q=2");
    baggage.insert_with_metadata("b", "2", "p,user.email=x");
    baggage.insert("e", "caf\u{e9}\r\n");
    let headers = written(&propagators, &Context::new().with_baggage(baggage));
    assert_eq!(value(&headers, "baggage"), Some("a=1%2Cuser.email=x;p;q=2,e=caf%C3%A9%0D%0A"));
}

#[test]
fn a_member_that_would_make_the_header_too_long_is_left_out() {
    let propagators = Propagators::new(&telemetry::propagation::Propagator::DEFAULT, ["a", "b", "c"]);
    let mut baggage = Baggage::new();
    baggage.insert("a", "1");
    // Three bytes each once they are encoded.
    baggage.insert("b", "\u{1}".repeat(3_000));
    baggage.insert_with_metadata("c", "3", "p");
    let headers = written(&propagators, &Context::new().with_baggage(baggage));
    assert_eq!(value(&headers, "baggage"), Some("a=1,c=3;p"));
}
