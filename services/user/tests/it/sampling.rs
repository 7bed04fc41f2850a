//! Who decides whether a trace is kept, and what its context is.

use reqwest::Method;
use testkit::stub::Behaviour;
use testkit::{Answer, Running, Stub};

use crate::service;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

async fn ask(service: &Running, traceparent: &[&str]) -> Answer {
    let mut request = service.client.request(Method::POST, "/process").json(&service::request());
    for value in traceparent {
        request = request.header("traceparent", *value);
    }
    Answer::of(request).await
}

async fn chain(settings: &[(&str, &str)]) -> (Running, Stub) {
    let stub = Stub::start(Behaviour::Reply).await;
    let change = |all: testkit::Settings| settings.iter().fold(all, |all, (name, value)| all.with(name, *value));
    (service::start(|all| change(all.with("NEXT_SERVICE_URL", stub.url()))).await, stub)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parents_trace_goes_on_with_its_state() {
    let (service, stub) = chain(&[]).await;
    let request = service.client.request(Method::POST, "/process").json(&service::request());
    let request =
        request.header("traceparent", format!("00-{TRACE}-{SPAN}-01")).header("tracestate", "vendor=1, other=2");
    let answer = Answer::of(request).await;
    assert_eq!(answer.trace_id(), TRACE);
    let [received] = &stub.received()[..] else { panic!("one request") };
    assert_eq!(received.header("tracestate"), Some("vendor=1,other=2"));
    let outline = "
        user-service server POST /process [parent missing]
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST";
    let tree = service.trace(&answer, outline).await;
    let server = tree.find("user-service", "POST /process").expect("the server span");
    assert_eq!(server.parent_span_id.map(|id| id.to_string()).as_deref(), Some(SPAN));
    let client = tree.find("user-service", "POST").expect("the client span");
    assert_eq!(received.header("traceparent"), Some(format!("00-{TRACE}-{}-01", client.span_id).as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_traceparent_that_breaks_a_rule_starts_a_trace_of_its_own() {
    let (service, stub) = chain(&[]).await;
    let good = format!("00-{TRACE}-{SPAN}-01");
    let cases: [&[&str]; 5] = [
        &["nonsense"],
        &[""],
        &["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"],
        &[&good, &good],
        &[&good[..54]],
    ];
    for (at, traceparent) in cases.into_iter().enumerate() {
        let answer = ask(&service, traceparent).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.trace_id(), TRACE, "{traceparent:?}");
        let outline = "
            user-service server POST /process
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST";
        service.trace(&answer, outline).await;
        assert_eq!(
            stub.received()[at].header("traceparent").map(|value| value[3..35].to_owned()).as_deref(),
            Some(answer.trace_id())
        );
    }
}

/// Asks twice: with a parent of these flags, and then with one that is sampled. The second trace has to arrive, and the
/// first must not have, although everything before it has left.
async fn only_the_second_arrives(service: &Running, stub: &Stub, flags: Option<&str>) {
    let parent = flags.map(|flags| format!("00-{TRACE}-{SPAN}-{flags}"));
    let unkept = ask(service, &parent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(unkept.status, 200);
    let handed_on = stub.received()[0].header("traceparent").map(str::to_owned).expect("a context");
    // The id of a trace that begins here is random; of another's only its sender can say so.
    let flags = flags.unwrap_or("02");
    assert_eq!((&handed_on[3..35], &handed_on[53..]), (unkept.trace_id(), flags));
    let kept = ask(service, &[&format!("00-{}-{SPAN}-01", TRACE.replace('0', "f"))]).await;
    let outline = "
        user-service server POST /process [parent missing]
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST";
    service.trace(&kept, outline).await;
    let store = service.backend.server().store();
    assert!(store.trace(unkept.trace_id().parse().expect("an id")).is_none(), "an unsampled trace was exported");
    assert_eq!(store.counters().received, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_not_sampled_is_not_recorded_and_stays_so_on_the_way() {
    for flags in ["00", "02"] {
        let (service, stub) = chain(&[("OTEL_TRACES_SAMPLER", "parentbased_always_on")]).await;
        only_the_second_arrives(&service, &stub, Some(flags)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_parent_the_services_own_sampler_decides() {
    for sampler in [("OTEL_TRACES_SAMPLER", "parentbased_always_off"), ("OTEL_TRACES_SAMPLER_ARG", "0")] {
        let (service, stub) = chain(&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), sampler]).await;
        only_the_second_arrives(&service, &stub, None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_telemetry_the_answers_are_the_same_and_no_span_leaves() {
    let (on, on_stub) = chain(&[]).await;
    let (off, off_stub) = chain(&[("OTEL_SDK_DISABLED", "true")]).await;
    for path in ["/users", "/users/1002", "/users/4242", "/nothing"] {
        let answers = (on.client.get(path).await, off.client.get(path).await);
        assert_eq!(answers.0.status, answers.1.status, "{path}");
        assert_eq!(without_trace(answers.0), without_trace(answers.1), "{path}");
    }
    let (with, without) = (ask(&on, &[]).await, ask(&off, &[&format!("00-{TRACE}-{SPAN}-01")]).await);
    assert_eq!((with.status, without.status), (200, 200));
    assert_eq!(without.body.get("trace_id"), None);
    assert_eq!(with.body["user"], without.body["user"]);
    assert!(on_stub.received()[0].header("traceparent").is_some());
    assert_eq!(off_stub.received()[0].header("traceparent"), None);
    off.flush().await;
    assert_eq!(off.backend.server().store().counters().received, 0);
    testkit::openmetrics::Exposition::parse(&off.client.get("/metrics").await.text);
}

fn without_trace(answer: Answer) -> serde_json::Value {
    let mut body = answer.body;
    if let Some(body) = body.as_object_mut() {
        body.remove("trace_id");
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_waits_for_a_collector_that_is_silent_or_hostile() {
    let silent = Stub::start(Behaviour::Silence).await;
    let hostile = Stub::start(Behaviour::Answer(500, "text/html", "<h1>".to_owned())).await;
    for collector in [silent.url(), hostile.url(), testkit::stub::nobody()] {
        let service = service::start(|settings| settings.with("OTEL_EXPORTER_OTLP_ENDPOINT", collector)).await;
        for _ in 0..20 {
            assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
        }
    }
}
