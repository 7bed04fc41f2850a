//! Request metrics have no label that a client can make up.

use testkit::raw;

use crate::web::Web;

const DURATION: &str = "http_server_request_duration_seconds_count";

#[tokio::test(flavor = "multi_thread")]
async fn hosts_methods_and_paths_that_a_client_makes_up_make_no_series() {
    let web = Web::start().await;
    for number in 0..3 {
        for line in [format!("FOO{number} /users/7"), format!("GET /no/{number}"), format!("GET /users/{number}")] {
            let head = web.request(&format!("{line} HTTP/1.1"), &format!("Host: made-up-{number}\r\n"));
            raw::exchange(web.address, &head).await;
        }
    }
    let metrics = web.metrics();
    let series: Vec<_> = metrics.0.iter().filter(|sample| sample.name == DURATION).collect();
    assert_eq!(series.len(), 3, "{series:?}");
    assert_eq!(metrics.sum(DURATION, &[]), 9.0);
    assert!(series.iter().all(|sample| !sample.labels.contains_key("server_address")), "{series:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duration_has_the_labels_of_the_conventions_and_no_error_for_a_4xx() {
    let web = Web::start().await;
    raw::exchange(web.address, &web.request("GET /status/404 HTTP/1.1", "Host: web\r\n")).await;
    raw::exchange(web.address, &web.request("GET /status/500 HTTP/1.1", "Host: web\r\n")).await;
    let metrics = web.metrics();
    let labels = |status: &str| {
        let sample = metrics.0.iter().find(|sample| {
            sample.name == DURATION && sample.labels.get("http_response_status_code").is_some_and(|code| code == status)
        });
        let labels = &sample.expect("a series").labels;
        labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<std::collections::BTreeSet<_>>()
    };
    let common =
        ["http_request_method=GET", "http_route=/status/{status}", "network_protocol_version=1.1", "url_scheme=http"];
    let with = |more: &[&str]| common.iter().chain(more).map(|label| (*label).to_owned()).collect();
    assert_eq!(labels("404"), with(&["http_response_status_code=404"]));
    assert_eq!(labels("500"), with(&["http_response_status_code=500", "error_type=500"]));
}
