//! What counts as an error of a SERVER span, and what a request leaves behind that is never answered.

use testkit::{conventions, raw};

use crate::web::{Web, int, server, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_4xx_is_no_error_of_the_server() {
    let tree = Web::start().await.ask("GET /status/404 HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert!(!span.is_error() && text(span, "error.type").is_none(), "{span:?}");
    assert_eq!(int(span, "http.response.status_code"), Some(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_5xx_is_an_error_without_a_description_and_not_ok() {
    let tree = Web::start().await.ask("GET /status/500 HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert!(span.is_error(), "{span:?}");
    assert_eq!((text(span, "error.type"), span.status_message.as_str()), (Some("500"), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_may_name_the_reason_of_its_failure() {
    let tree = Web::start().await.ask("GET /status/503 HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    assert_eq!(text(server(&tree), "error.type"), Some("overloaded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_middlewares_error_has_its_status_and_a_bounded_type() {
    let tree = Web::start().await.ask("GET /refused HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((int(span, "http.response.status_code"), text(span, "error.type")), (Some(500), Some("500")));
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_made_of_an_inner_middlewares_error_names_neither_its_service_nor_its_trace() {
    let answer = raw::exchange(Web::start().await.address, b"GET /refused HTTP/1.1\r\nHost: web\r\n\r\n").await;
    assert_eq!((answer.status, answer.header("server"), answer.header("x-trace-id")), (500, "", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_is_an_error_and_is_counted() {
    let web = Web::start().await;
    let answer = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = answer.get(format!("http://{}/panic", web.address));
    let parent = format!("00-{}-b7ad6b7169203331-01", testkit::client::TRACE);
    answer.header("traceparent", parent).send().await.expect_err("actix closes the connection");
    let tree = web.traced(|tree| tree.len() == 1).await;
    let span = server(&tree);
    assert!(span.is_error(), "{span:?}");
    assert_eq!((text(span, "error.type"), int(span, "http.response.status_code")), (Some("panic"), None));
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
    let metrics = web.metrics();
    let panics = [("http_route", "/panic"), ("error_type", "panic")];
    assert_eq!(metrics.sum("http_server_request_duration_seconds_count", &panics), 1.0);
    assert_eq!(metrics.sum("http_server_active_requests", &[]), 0.0, "a panicked request is not active any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_does_not_end_the_handler_nor_lose_its_span() {
    let web = Web::start().await;
    let connection = raw::send(web.address, &web.request("GET /wait HTTP/1.1", "Host: web\r\n")).await;
    web.shared.begun.notified().await;
    drop(connection);
    web.shared.finish.notify_one();
    let tree = web.traced(|tree| tree.len() == 1).await;
    conventions::check(&tree);
    assert_eq!(int(server(&tree), "http.response.status_code"), Some(200));
    assert_eq!(web.metrics().sum("http_server_active_requests", &[]), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_inner_middleware_does_before_it_awaits_is_inside_of_the_span() {
    let web = Web::start().await;
    let answer = raw::exchange(web.address, &web.request("GET /inner HTTP/1.1", "Host: web\r\n")).await;
    assert_eq!(answer.header("x-seen"), testkit::client::TRACE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_its_service_to_a_caller_that_has_a_span_by_the_id_of_that() {
    let web = Web::start().await;
    let answer = raw::exchange(web.address, &web.request("GET / HTTP/1.1", "Host: web\r\n")).await;
    assert_eq!((answer.header("server"), answer.header("x-trace-id")), ("web (b7ad6b7169203331)", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_its_trace_to_whoever_has_none() {
    let web = Web::start().await;
    let answer = raw::exchange(web.address, b"GET / HTTP/1.1\r\nHost: web\r\n\r\n").await;
    let tree = web.traced_as(answer.header("x-trace-id"), |tree| tree.len() == 1).await;
    assert_eq!((answer.header("server"), server(&tree).parent_span_id), ("web", None));
}
