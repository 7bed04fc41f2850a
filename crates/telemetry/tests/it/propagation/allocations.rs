//! Reading what a request says of its trace takes nothing from the allocator.

use allocation_counter::measure;
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use telemetry::propagation::traceparent::Traceparent;
use telemetry::propagation::tracestate::{MEMBERS, Tracestate};
use telemetry::propagation::{Level, Propagator, Propagators};
use testkit::client::TRACE;

const LEVELS: [Level; 2] = [Level::One, Level::Two];

/// Allocations of a piece of work, which gives back whether it went well.
fn allocations(work: impl FnOnce() -> bool) -> u64 {
    let mut well = false;
    let counted = measure(|| well = work());
    assert!(well, "what is counted has to work");
    counted.count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| *std::hint::black_box(Box::new(7)) == 7), 1);
}

#[test]
fn a_traceparent_is_read_without_an_allocation_whether_it_is_valid_or_not() {
    let valid = format!("00-{TRACE}-b7ad6b7169203331-01");
    let later = format!("cc-{TRACE}-b7ad6b7169203331-01-what-the-future-brings");
    let broken = format!("00-{TRACE}-b7ad6b7169203331-0x");
    for level in LEVELS {
        for text in [&valid, &later] {
            assert_eq!(allocations(|| Traceparent::parse(text.as_bytes(), level).is_some()), 0, "{text}");
        }
        assert_eq!(allocations(|| Traceparent::parse(broken.as_bytes(), level).is_none()), 0);
    }
}

#[test]
fn a_list_of_as_many_members_as_there_may_be_is_read_without_an_allocation() {
    let members = |numbers: std::ops::Range<usize>| {
        let members: Vec<_> = numbers.map(|number| format!("tenant{number}@vendor=value-{number}")).collect();
        members.join(",")
    };
    let (first, second, more) = (members(0..20), members(20..MEMBERS), members(0..MEMBERS + 1));
    for level in LEVELS {
        let values = || [first.as_bytes(), b" ,", second.as_bytes()].into_iter();
        let all = |list: Tracestate<'_>| list.iter().count() == MEMBERS;
        assert_eq!(allocations(|| Tracestate::parse(values(), level).is_some_and(all)), 0);
        assert_eq!(allocations(|| Tracestate::parse([more.as_bytes()].into_iter(), level).is_none()), 0);
    }
}

#[test]
fn a_request_without_baggage_that_goes_on_is_read_without_an_allocation() {
    let propagators = Propagators::new(&[Propagator::Baggage], ["tenant.id", "synthetic"]);
    let context = Context::new();
    let requests: [&[(&str, &str)]; 3] = [
        &[("accept", "*/*"), ("user-agent", "test")],
        &[("baggage", "")],
        &[("baggage", "user.email=a%40b.c,x=1;p=2"), ("baggage", "=,broken")],
    ];
    for request in requests {
        let read = || {
            drop(propagators.extract_into(&context, request));
            true
        };
        assert_eq!(allocations(read), 0, "{request:?}");
    }
    let with_some = [("baggage", "tenant.id=7")];
    assert_ne!(allocations(|| propagators.extract_into(&context, &with_some[..]).baggage().len() == 1), 0);
}
