//! Requests that are not sampled, and telemetry that is off.

use testkit::client::TRACE;
use testkit::raw;

use crate::web::{Shared, Web};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_sampled_is_counted_and_keeps_its_trace() {
    let web = Web::start().await;
    let head = format!("GET / HTTP/1.1\r\nHost: web\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-00\r\n\r\n");
    let answer = raw::exchange(web.address, head.as_bytes()).await;
    assert_eq!(answer.header("x-trace-id"), TRACE);
    // A request that is sampled is there, and it is all there is.
    let tree = web.ask("GET /users/7 HTTP/1.1", "Host: web\r\n").await;
    assert_eq!(tree.outline().trim_end(), "web server GET /users/{id} [parent missing]");
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &[]), 2.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_caller_begins_a_trace_as_the_sampler_says() {
    for (sampler, flags) in [("always_on", "01"), ("always_off", "00")] {
        let target = testkit::Stub::start(testkit::stub::Behaviour::Reply).await;
        let shared = Shared { target: target.url(), ..Shared::default() };
        let web = Web::with(&[("OTEL_TRACES_SAMPLER", sampler)], shared).await;
        let answer = raw::exchange(web.address, b"GET /call HTTP/1.1\r\nHost: web\r\n\r\n").await;
        let sent = target.received();
        let parent = sent[0].header("traceparent").expect("the context travels on");
        assert_eq!(&parent[3..35], answer.header("x-trace-id"));
        let sampled = u8::from_str_radix(&parent[53..55], 16).expect("flags") & 1;
        assert_eq!(sampled, u8::from_str_radix(flags, 16).expect("flags"), "{parent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_telemetry_lets_everything_pass_as_it_is() {
    let target = testkit::Stub::start(testkit::stub::Behaviour::Reply).await;
    let shared = Shared { target: target.url(), ..Shared::default() };
    let web = Web::with(&[("OTEL_SDK_DISABLED", "true")], shared).await;
    let answer = raw::exchange(web.address, &web.request("GET /call HTTP/1.1", "Host: web\r\n")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "200"));
    assert_eq!((answer.header("x-trace-id"), answer.header("server")), ("", ""));
    assert_eq!(target.received()[0].header("traceparent"), None);
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &[]), 0.0);
}
