//! B3 and Jaeger, and how formats go together.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use telemetry::propagation::{Propagator, Propagators};

use super::{Headers, value, written};

const TRACE: &str = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN: &str = "e457b5a2e4d86bd1";

fn of(formats: &[Propagator]) -> Propagators {
    Propagators::new(formats, ["tenant.id"])
}

/// Trace, span and whether it is sampled, of the parent that a request names.
fn parent(context: &Context) -> Option<(String, String, bool)> {
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        assert_eq!(*span, SpanContext::NONE, "half a parent");
        return None;
    }
    Some((span.trace_id().to_string(), span.span_id().to_string(), span.is_sampled()))
}

fn read(format: Propagator, headers: &[(&str, &str)]) -> Option<(String, String, bool)> {
    parent(&of(&[format]).extract(headers))
}

fn named(sampled: bool) -> Option<(String, String, bool)> {
    Some((TRACE.to_owned(), SPAN.to_owned(), sampled))
}

#[test]
fn b3_is_read_from_one_header() {
    for (end, sampled) in [("-1", true), ("-d", true), ("-0", false), ("", false), ("-1-05e3ac9a4f6e3b90", true)] {
        let header = format!("{TRACE}-{SPAN}{end}");
        for format in [Propagator::B3, Propagator::B3Multi] {
            assert_eq!(read(format, &[("b3", &header)]), named(sampled), "{header}");
        }
    }
    let short = format!("64fe8b2a57d3eff7-{SPAN}-1");
    let padded = "000000000000000064fe8b2a57d3eff7".to_owned();
    assert_eq!(read(Propagator::B3, &[("b3", &short)]), Some((padded, SPAN.to_owned(), true)));
}

#[test]
fn b3_that_breaks_a_rule_is_not_read() {
    let zeros = "0".repeat(32);
    for header in [
        "",
        "0",
        "1",
        TRACE,
        &format!("{TRACE}-"),
        &format!("{TRACE}-{SPAN}-"),
        &format!("{TRACE}-{SPAN}-2"),
        &format!("{TRACE}-{SPAN}-1-"),
        &format!("{TRACE}-{SPAN}-1-05e3ac9a4f6e3b9"),
        &format!("{TRACE}-{SPAN}-1-05e3ac9a4f6e3b90-"),
        &format!("{}-{SPAN}-1", TRACE.to_uppercase()),
        &format!("{zeros}-{SPAN}-1"),
        &format!("{TRACE}-{}-1", &zeros[..16]),
        &format!("{}-{SPAN}-1", &TRACE[1..]),
        &format!("{TRACE}-{}-1", &SPAN[1..]),
    ] {
        assert_eq!(read(Propagator::B3, &[("b3", header)]), None, "{header:?}");
    }
    let header = format!("{TRACE}-{SPAN}-1");
    assert_eq!(read(Propagator::B3, &[("b3", &header), ("b3", &header)]), None);
}

#[test]
fn b3_is_read_from_several_headers() {
    let ids = [("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN)];
    let with = |more: &[(&'static str, &'static str)]| [&ids, more].concat();
    for (more, sampled) in [
        (vec![], false),
        (vec![("X-B3-Sampled", "1")], true),
        (vec![("X-B3-Sampled", "0")], false),
        (vec![("X-B3-Flags", "1")], true),
        (vec![("X-B3-Sampled", "0"), ("X-B3-Flags", "1")], true),
        (vec![("X-B3-Sampled", "1"), ("X-B3-ParentSpanId", "05e3ac9a4f6e3b90")], true),
    ] {
        for format in [Propagator::B3, Propagator::B3Multi] {
            assert_eq!(read(format, &with(&more)), named(sampled), "{more:?}");
        }
    }
    assert_eq!(read(Propagator::B3Multi, &with(&[("X-B3-Sampled", "yes")])), None);
    assert_eq!(read(Propagator::B3Multi, &ids[..1]), None);
    assert_eq!(read(Propagator::B3Multi, &with(&ids[..1])), None, "a repeated header was taken");
    // The one header goes before the several.
    let one = format!("{}-{SPAN}-0", TRACE.replace('8', "9"));
    let (trace, ..) = read(Propagator::B3Multi, &with(&[("X-B3-Sampled", "1")])).expect("the several");
    assert_eq!(trace, TRACE);
    let both = [&[("b3", one.as_str())], &ids[..]].concat();
    assert_eq!(read(Propagator::B3Multi, &both), Some((TRACE.replace('8', "9"), SPAN.to_owned(), false)));
}

#[test]
fn b3_is_written_as_it_was_read() {
    for state in ["0", "1", "d"] {
        let header = format!("{TRACE}-{SPAN}-{state}");
        let propagators = of(&[Propagator::B3]);
        let on = written(&propagators, &propagators.extract(&[("b3", &header)][..]));
        assert_eq!(on, [("b3".to_owned(), header.clone().into_bytes())]);
        let several = of(&[Propagator::B3Multi]);
        let on = written(&several, &several.extract(&[("b3", &header)][..]));
        assert_eq!((value(&on, "x-b3-traceid"), value(&on, "x-b3-spanid")), (Some(TRACE), Some(SPAN)));
        assert_eq!(value(&on, "x-b3-sampled"), (state != "d").then_some(state));
        assert_eq!(value(&on, "x-b3-flags"), (state == "d").then_some("1"));
        assert_eq!(parent(&propagators.extract(&on[..])), parent(&several.extract(&on[..])));
    }
}

#[test]
fn jaeger_is_read_and_written() {
    let propagators = of(&[Propagator::Jaeger]);
    for (header, sampled, on) in [
        (format!("{TRACE}:{SPAN}:0:1"), true, "01"),
        (format!("{TRACE}:{SPAN}:0:0"), false, "00"),
        (format!("{TRACE}:{SPAN}:0:3"), true, "03"),
        (format!("{TRACE}:{SPAN}:0:02"), true, "03"),
        (format!("{TRACE}:{SPAN}:05e3ac9a4f6e3b90:9"), true, "01"),
        (format!("{TRACE}%3A{SPAN}%3a0%3A1"), true, "01"),
    ] {
        let context = propagators.extract(&[("uber-trace-id", &header)][..]);
        assert_eq!(parent(&context), named(sampled), "{header}");
        let headers: Headers = written(&propagators, &context);
        assert_eq!(value(&headers, "uber-trace-id"), Some(&*format!("{TRACE}:{SPAN}:0:{on}")), "{header}");
    }
    let short = parent(&propagators.extract(&[("Uber-Trace-Id", "1f:a:0:1")][..])).expect("short ids");
    assert_eq!(short, (format!("{:0>32}", "1f"), format!("{:0>16}", "a"), true));
}

#[test]
fn jaeger_that_breaks_a_rule_is_not_read() {
    let long = format!("0{TRACE}:{SPAN}:0:1");
    for header in [
        "",
        ":::",
        "1:1:0",
        "1:1:0:",
        "1:1:0:001",
        "1:1:0:g",
        "0:1:0:1",
        "1:0:0:1",
        "G:1:0:1",
        "1%1:0:1",
        "1:1:0:1:1",
        &long,
    ] {
        assert_eq!(read(Propagator::Jaeger, &[("uber-trace-id", header)]), None, "{header:?}");
    }
}

#[test]
fn of_several_formats_the_last_that_names_a_span_counts_and_all_are_written() {
    let propagators = of(&[Propagator::TraceContext, Propagator::Baggage, Propagator::B3, Propagator::Jaeger]);
    let traceparent = format!("00-{TRACE}-{SPAN}-03");
    let both = [("traceparent", traceparent.as_str()), ("uber-trace-id", "1:2:0:0"), ("baggage", "tenant.id=7")];
    let context = propagators.extract(&both[..]);
    assert_eq!(parent(&context), Some((format!("{:0>32}", "1"), format!("{:0>16}", "2"), false)));
    let names: Vec<String> = written(&propagators, &context).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["traceparent", "baggage", "b3", "uber-trace-id"]);
    let broken = [("traceparent", traceparent.as_str()), ("uber-trace-id", "nonsense")];
    assert_eq!(parent(&propagators.extract(&broken[..])), named(true));
}

#[test]
fn what_only_one_format_can_say_of_a_span_that_both_name_is_kept() {
    let headers = [
        ("traceparent", format!("00-{TRACE}-{SPAN}-03")),
        ("tracestate", "a=1,a@b@c=2".to_owned()),
        ("b3", format!("{TRACE}-{SPAN}-d")),
    ];
    for order in [[Propagator::TraceContext, Propagator::B3], [Propagator::B3, Propagator::TraceContext]] {
        let propagators = of(&order);
        let on = written(&propagators, &propagators.extract(&headers[..]));
        assert_eq!(on.len(), 3, "{on:?}");
        for (name, expected) in &headers {
            assert_eq!(value(&on, name), Some(expected.as_str()), "{order:?}");
        }
    }
}

#[test]
fn formats_that_are_not_named_are_neither_read_nor_written() {
    let headers = [("traceparent", format!("00-{TRACE}-{SPAN}-01")), ("baggage", "tenant.id=7".to_owned())];
    let none = of(&[]);
    assert_eq!(parent(&none.extract(&headers[..])), None);
    let all = of(&Propagator::ALL);
    assert!(written(&none, &all.extract(&headers[..])).is_empty());
    let only = of(&[Propagator::Baggage]);
    assert_eq!(written(&only, &only.extract(&headers[..])), [("baggage".to_owned(), b"tenant.id=7".to_vec())]);
}
