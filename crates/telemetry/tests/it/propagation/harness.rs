//! `examples/w3c_trace_context.rs` as it is: the service that the W3C's validation harness asks.

// What it does with its arguments is not asked here.
#[allow(dead_code)]
#[path = "../../../examples/w3c_trace_context.rs"]
mod example;

use std::process::Stdio;

use serde_json::{Value, json};
use testkit::Stub;
use testkit::client::TRACE;
use testkit::stub::{Behaviour, Received};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Set in the process that is the example.
const EXAMPLE: &str = "HARNESS_TEST_IS_THE_EXAMPLE";
const LISTENING: &str = "listening on ";

/// Does nothing but where a test makes it the example.
#[test]
fn a_process_of_its_own() {
    if std::env::var_os(EXAMPLE).is_some() {
        actix_web::rt::System::new().block_on(example::serve(0)).expect("an orderly end");
    }
}

/// The example's process, which ends with this.
struct Harnessed {
    _process: Child,
    url: String,
}

impl Harnessed {
    async fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "propagation::harness::a_process_of_its_own", "--nocapture"]);
        command.env_clear().env(EXAMPLE, "1").stdout(Stdio::piped()).kill_on_drop(true);
        for signal in ["TRACES", "METRICS", "LOGS"] {
            command.env(format!("OTEL_{signal}_EXPORTER"), "none");
        }
        let mut process = command.spawn().expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        loop {
            // The test's own report stands around it.
            let line = lines.next_line().await.expect("a readable pipe").expect("it listens");
            if let Some((_, url)) = line.split_once(LISTENING) {
                return Self { _process: process, url: url.to_owned() };
            }
        }
    }

    /// Asks it to make these calls, with these headers, and gives back what it says of each.
    async fn ask(&self, calls: &Value, headers: &[(&'static str, &str)]) -> Value {
        let mut request = reqwest::Client::new().post(&self.url).json(calls);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("JSON")
    }
}

/// Trace id, parent id and flags of a request's traceparent, which has to be valid.
fn traceparent(request: &Received) -> (String, String, String) {
    let mut all = request.headers.iter().filter(|(name, _)| name == "traceparent").map(|(_, value)| value);
    let (value, more) = (all.next().expect("a traceparent"), all.next());
    assert_eq!(more, None, "{:?}", request.headers);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<_> = value.split('-').collect();
    let ["00", trace_id, parent_id, flags] = parts[..] else { panic!("{value}") };
    assert_eq!((trace_id.len(), parent_id.len(), flags.len()), (32, 16, 2), "{value}");
    assert!(parts.iter().all(|part| is_hex(part)), "{value}");
    assert!(trace_id.contains(|digit| digit != '0') && parent_id.contains(|digit| digit != '0'), "{value}");
    (trace_id.to_owned(), parent_id.to_owned(), flags.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_harness_is_called_back_in_its_own_trace_by_a_span_of_each_call() {
    let harness = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let service = Harnessed::start().await;
    let calls = json!([
        {"url": harness.url() + "/callback/1", "arguments": []},
        {"url": harness.url() + "/callback/2", "arguments": [{"url": "x", "arguments": []}]},
    ]);
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let said = service.ask(&calls, &[("traceparent", &parent), ("tracestate", "b=2"), ("tracestate", "a=1")]).await;
    assert_eq!(said, json!([200, 200]));
    let received = harness.received();
    let asked: Vec<_> = received.iter().map(|request| (request.path.as_str(), &request.body)).collect();
    assert_eq!(asked, [("/callback/1", &calls[0]["arguments"]), ("/callback/2", &calls[1]["arguments"])]);
    let parents: Vec<_> = received.iter().map(traceparent).collect();
    for (trace_id, parent_id, flags) in &parents {
        assert_eq!((trace_id.as_str(), flags.as_str()), (TRACE, "01"));
        assert_ne!(parent_id, "b7ad6b7169203331");
    }
    assert_ne!(parents[0].1, parents[1].1, "each call has a span of its own");
    assert!(received.iter().all(|request| request.header("tracestate") == Some("b=2,a=1")), "{received:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_traceparent_begins_a_trace_and_its_tracestate_does_not_go_on() {
    let harness = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let service = Harnessed::start().await;
    let calls = json!([{"url": harness.url() + "/callback", "arguments": []}]);
    let broken = [
        format!("ff-{TRACE}-b7ad6b7169203331-01"),
        format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{TRACE}-b7ad6b7169203331-01-"),
    ];
    for parent in &broken {
        service.ask(&calls, &[("traceparent", parent), ("tracestate", "a=1")]).await;
    }
    let received = harness.received();
    let mut traces: Vec<_> = received.iter().map(|request| traceparent(request).0).collect();
    assert!(!traces.contains(&TRACE.to_owned()), "{traces:?}");
    traces.sort();
    traces.dedup();
    assert_eq!(traces.len(), broken.len(), "each begins one of its own");
    assert!(received.iter().all(|request| request.header("tracestate").is_none()), "{received:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_is_said_and_the_next_one_is_made() {
    let harness = Stub::start(Behaviour::Answer(503, "text/plain", String::new())).await;
    let service = Harnessed::start().await;
    let calls = json!([
        {"url": testkit::stub::nobody(), "arguments": []},
        {"arguments": []},
        {"url": harness.url(), "arguments": []},
    ]);
    let said = service.ask(&calls, &[]).await;
    assert!(said[0].is_string() && said[1].is_string() && said[2] == 503, "{said}");
}
