//! Whom a request comes from, with and without proxies in between.

use testkit::conventions;

use crate::web::{Shared, Web, int, server, text};

const FORWARDED: &str = "Host: web\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.1\r\nX-Forwarded-Proto: https\r\n\
     X-Forwarded-Host: shop.example\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_peer_is_recorded_with_its_port_also_when_it_is_the_client() {
    let tree = Web::start().await.ask("GET / HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!(text(span, "client.address"), Some("127.0.0.1"));
    assert_eq!(text(span, "network.peer.address"), Some("127.0.0.1"));
    assert!(int(span, "network.peer.port").is_some_and(|port| port > 0), "{span:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_word_on_the_client_counts_by_default() {
    let tree = Web::start().await.ask("GET / HTTP/1.1", FORWARDED).await;
    let span = server(&tree);
    assert_eq!((text(span, "client.address"), text(span, "url.scheme")), (Some("127.0.0.1"), Some("http")));
    assert_eq!(text(span, "server.address"), Some("web"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_peer_says_who_the_client_is_and_what_it_asked_for() {
    let web = Web::with(&[("TELEMETRY_TRUSTED_PEERS", "127.0.0.0/8")], Shared::default()).await;
    let tree = web.ask("GET / HTTP/1.1", FORWARDED).await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((text(span, "client.address"), text(span, "url.scheme")), (Some("192.0.2.1"), Some("https")));
    assert_eq!((text(span, "server.address"), int(span, "server.port")), (Some("shop.example"), Some(443)));
    assert_eq!(text(span, "network.peer.address"), Some("127.0.0.1"));
    let labels = [("url_scheme", "https")];
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &labels), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_in_others_is_no_trust_in_this_peer() {
    let web = Web::with(&[("TELEMETRY_TRUSTED_PEERS", "10.0.0.0/8")], Shared::default()).await;
    let tree = web.ask("GET / HTTP/1.1", FORWARDED).await;
    assert_eq!(text(server(&tree), "client.address"), Some("127.0.0.1"));
}
