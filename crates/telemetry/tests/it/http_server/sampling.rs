//! Requests that are not sampled, and telemetry that is off.

use testkit::client::TRACE;
use testkit::stub::Behaviour;
use testkit::{Stub, raw};

use crate::web::{Shared, Web};

/// The app, and what its `/call` calls.
async fn calling(variables: &[(&str, &str)]) -> (Web, Stub) {
    let target = Stub::start(Behaviour::Reply).await;
    let shared = Shared { target: target.url(), ..Shared::default() };
    (Web::with(variables, shared).await, target)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_sampled_is_counted_and_its_trace_goes_on() {
    let (web, target) = calling(&[]).await;
    let head = format!("GET /call HTTP/1.1\r\nHost: web\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-00\r\n\r\n");
    let answer = raw::exchange(web.address, head.as_bytes()).await;
    assert_eq!(answer.header("x-trace-id"), "", "there is no span to be found by it");
    let sent = target.received();
    let parent = sent[0].header("traceparent").expect("the context travels on");
    assert_eq!((&parent[3..35], &parent[53..]), (TRACE, "00"));
    assert_ne!(&parent[36..52], "b7ad6b7169203331", "each process has an id of its own");
    // A request that is sampled is there, and it is all there is.
    let tree = web.ask("GET /users/7 HTTP/1.1", "Host: web\r\n").await;
    assert_eq!(tree.outline().trim_end(), "web server GET /users/{id} [parent missing]");
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &[]), 2.0);
    assert_eq!(web.metrics().sum("http_client_request_duration_seconds_count", &[]), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_measured_either_the_trace_goes_on_and_is_counted_all_the_same() {
    let (web, target) = calling(&[("TELEMETRY_METRICS", "off")]).await;
    let head = format!("GET /call HTTP/1.1\r\nHost: web\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-00\r\n\r\n");
    let answer = raw::exchange(web.address, head.as_bytes()).await;
    assert_eq!((answer.status, answer.header("x-trace-id")), (200, ""));
    let sent = target.received();
    let parent = sent[0].header("traceparent").expect("the context travels on");
    assert_eq!((&parent[3..35], &parent[53..]), (TRACE, "00"));
    assert_ne!(&parent[36..52], "b7ad6b7169203331", "each process has an id of its own");
    let left_out = |origin| {
        let labels = [("otel_span_parent_origin", origin), ("otel_span_sampling_result", "DROP")];
        web.metrics().sum("otel_sdk_span_started_total", &labels)
    };
    assert_eq!((left_out("remote"), left_out("local")), (1.0, 1.0), "of the server, of the call");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sampler_that_is_not_parent_based_decides_anew_and_its_calls_follow_it() {
    let table = [("always_on", "00", true), ("always_off", "01", false), ("traceidratio", "00", true)];
    for (metrics, (sampler, flags, sampled)) in
        ["on", "off"].into_iter().flat_map(|metrics| table.map(|row| (metrics, row)))
    {
        let (web, target) = calling(&[("OTEL_TRACES_SAMPLER", sampler), ("TELEMETRY_METRICS", metrics)]).await;
        let head =
            format!("GET /call HTTP/1.1\r\nHost: web\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-{flags}\r\n\r\n");
        assert_eq!(raw::exchange(web.address, head.as_bytes()).await.status, 200);
        let sent = target.received();
        let parent = sent[0].header("traceparent").expect("the context travels on");
        assert_eq!((&parent[3..35], &parent[53..]), (TRACE, if sampled { "01" } else { "00" }), "{sampler}");
        let named = |result| web.metrics().sum("otel_sdk_span_started_total", &[("otel_span_sampling_result", result)]);
        let (recorded, dropped) = if sampled { (2.0, 0.0) } else { (0.0, 2.0) };
        assert_eq!((named("RECORD_AND_SAMPLE"), named("DROP")), (recorded, dropped), "{sampler}, metrics {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_against_a_debug_flag_is_not_asked_of_others() {
    for (sampler, state) in [("always_off", "0"), ("parentbased_always_off", "d")] {
        let (web, target) = calling(&[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_PROPAGATORS", "b3")]).await;
        let head = format!("GET /call HTTP/1.1\r\nHost: web\r\nb3: {TRACE}-b7ad6b7169203331-d\r\n\r\n");
        assert_eq!(raw::exchange(web.address, head.as_bytes()).await.status, 200);
        let sent = target.received();
        let b3: Vec<_> = sent[0].header("b3").expect("the context travels on").split('-').collect();
        assert_eq!((b3[0], b3[2]), (TRACE, state), "{sampler}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_caller_begins_a_trace_as_the_sampler_says() {
    for (sampler, sampled) in [("always_on", true), ("always_off", false)] {
        let (web, target) = calling(&[("OTEL_TRACES_SAMPLER", sampler)]).await;
        let answer = raw::exchange(web.address, b"GET /call HTTP/1.1\r\nHost: web\r\n\r\n").await;
        let sent = target.received();
        let parent = sent[0].header("traceparent").expect("the context travels on");
        assert_eq!(answer.header("x-trace-id"), if sampled { &parent[3..35] } else { "" });
        let flags = u8::from_str_radix(&parent[53..], 16).expect("flags");
        assert_eq!(flags & 1 == 1, sampled, "{parent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_telemetry_lets_everything_pass_as_it_is() {
    let (web, target) = calling(&[("OTEL_SDK_DISABLED", "true")]).await;
    let answer = raw::exchange(web.address, &web.request("GET /call HTTP/1.1", "Host: web\r\n")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "200"));
    assert_eq!((answer.header("x-trace-id"), answer.header("server")), ("", ""));
    assert_eq!(target.received()[0].header("traceparent"), None);
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &[]), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_go_nowhere_are_not_made_and_the_callers_decision_goes_on() {
    let (web, target) = calling(&[("OTEL_TRACES_EXPORTER", "none")]).await;
    for flags in ["01", "00"] {
        let head =
            format!("GET /call HTTP/1.1\r\nHost: web\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-{flags}\r\n\r\n");
        let answer = raw::exchange(web.address, head.as_bytes()).await;
        assert_eq!((answer.status, answer.header("x-trace-id"), answer.header("server")), (200, "", ""), "no span");
        let sent = target.received();
        let parent = sent.last().and_then(|sent| sent.header("traceparent")).expect("the context travels on");
        assert_eq!((&parent[3..35], &parent[53..]), (TRACE, flags));
        assert_ne!(&parent[36..52], "b7ad6b7169203331", "each process has an id of its own");
    }
    // One that begins here is decided on as ever, for those that have spans in it.
    raw::exchange(web.address, b"GET /call HTTP/1.1\r\nHost: web\r\n\r\n").await;
    let sent = target.received();
    let parent = sent.last().and_then(|sent| sent.header("traceparent")).expect("the context travels on");
    assert_eq!(u8::from_str_radix(&parent[53..], 16).expect("flags") & 1, 1, "{parent}");
    let text = web.telemetry.metrics().to_text("web", "1");
    assert!(
        text.contains("http_server_request_duration_seconds_bucket") && !text.contains(TRACE),
        "no exemplar: {text}"
    );
    assert!(!text.contains("# {"), "no exemplar: {text}");
}
