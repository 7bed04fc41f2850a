//! Tries and redirects: what is one span, and what is several.

use http::Extensions;
use otlp::SpanKind;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};
use testkit::stub::Behaviour;
use testkit::{Stub, conventions};

use crate::web::{Shared, Web, int, text};

/// Sends everything three times, as a middleware that retries does with what it may send again.
struct ThreeTimes;

#[async_trait::async_trait]
impl Middleware for ThreeTimes {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        for _ in 0..2 {
            let again = request.try_clone().expect("no body");
            next.clone().run(again, extensions).await?;
        }
        next.run(request, extensions).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_try_is_a_span_of_its_own_and_counts_those_before_it() {
    let target = Stub::start(Behaviour::Answer(503, "text/plain", String::new())).await;
    let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build().expect("a client"))
        .with(ThreeTimes)
        .with(telemetry::http_client::Tracing)
        .build();
    let web = Web::with(&[], Shared { target: target.url(), client, ..Shared::default() }).await;
    let tree = web.ask("GET /call HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let tries: Vec<_> = tree.nodes.iter().filter(|node| node.kind == SpanKind::Client).collect();
    let mut counts: Vec<_> = tries.iter().map(|node| int(node, "http.request.resend_count")).collect();
    counts.sort();
    assert_eq!(counts, [None, Some(1), Some(2)], "{}", tree.outline());
    // Each try tells the server its own span, and none of them is inside of another.
    let parents: std::collections::BTreeSet<_> =
        tries.iter().map(|node| node.parent_span_id.map(|id| id.to_string())).collect();
    assert_eq!(parents.len(), 1, "{}", tree.outline());
    let mut sent: Vec<_> = target
        .received()
        .iter()
        .filter_map(|request| Some(request.header("traceparent")?[36..52].to_owned()))
        .collect();
    let mut spans: Vec<_> = tries.iter().map(|node| node.span_id.to_string()).collect();
    sent.sort();
    spans.sort();
    assert_eq!(sent, spans);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_are_no_tries_of_each_other() {
    let target = Stub::start(Behaviour::Reply).await;
    let web = Web::with(&[], Shared { target: target.url(), ..Shared::default() }).await;
    for _ in 0..2 {
        testkit::raw::exchange(web.address, &web.request("GET /call HTTP/1.1", "Host: web\r\n")).await;
    }
    let tree = web.traced(|tree| tree.len() == 4).await;
    assert!(tree.nodes.iter().all(|node| node.attribute("http.request.resend_count").is_none()), "{tree:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_belongs_to_the_call_that_was_asked_for() {
    let target = Web::start().await;
    let url = format!("http://{}/moved", target.address);
    let web = Web::with(&[], Shared { target: url.clone(), ..Shared::default() }).await;
    let tree = web.ask("GET /call HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let calls: Vec<_> = tree.nodes.iter().filter(|node| node.kind == SpanKind::Client).collect();
    assert_eq!(calls.len(), 1, "{}", tree.outline());
    assert_eq!((text(calls[0], "url.full"), int(calls[0], "http.response.status_code")), (Some(&*url), Some(200)));
}
