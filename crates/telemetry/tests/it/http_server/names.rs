//! Method, route, URL and host of a request.

use testkit::conventions;

use crate::web::{Shared, Web, int, server, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_no_route_fits_has_no_route_and_is_named_by_its_method() {
    let tree = Web::start().await.ask("GET /no/such/route HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((span.name.as_str(), text(span, "http.route")), ("GET", None));
    assert_eq!(int(span, "http.response.status_code"), Some(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_known_is_other_and_keeps_its_word_in_one_place() {
    let tree = Web::start().await.ask("FOOBAR /users/7 HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((span.name.as_str(), text(span, "http.request.method")), ("HTTP /users/{id}", Some("_OTHER")));
    assert_eq!(text(span, "http.request.method_original"), Some("FOOBAR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_known_methods_are_a_setting() {
    let web = Web::with(&[("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "PURGE")], Shared::default()).await;
    let purge = web.ask("PURGE /users/7 HTTP/1.1", "Host: web\r\n").await;
    assert_eq!(server(&purge).name, "PURGE /users/{id}");
    assert_eq!(text(server(&purge), "http.request.method_original"), None);
    testkit::raw::exchange(web.address, &web.request("GET /users/8 HTTP/1.1", "Host: web\r\n")).await;
    let both = web.traced(|tree| tree.len() == 2).await;
    assert!(both.nodes.iter().any(|node| node.name == "HTTP /users/{id}"), "{}", both.outline());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_is_recorded_also_when_it_is_the_root() {
    let tree = Web::start().await.ask("GET / HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    assert_eq!((server(&tree).name.as_str(), text(server(&tree), "url.path")), ("GET /", Some("/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_a_template_and_the_path_is_the_path() {
    let tree = Web::start().await.ask("GET /users/4711 HTTP/1.1", "Host: web\r\nUser-Agent: curl/8\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((span.name.as_str(), text(span, "http.route")), ("GET /users/{id}", Some("/users/{id}")));
    assert_eq!(text(span, "url.path"), Some("/users/4711"));
    assert_eq!((text(span, "url.scheme"), text(span, "network.protocol.version")), (Some("http"), Some("1.1")));
    assert_eq!(text(span, "user_agent.original"), Some("curl/8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_agent_that_is_no_text_is_left_out_and_does_not_stand_for_the_next_one() {
    let web = Web::start().await;
    let agents: [&[u8]; 6] = [b"caf\xe9", b"caf\xe9", b"curl/8", b"curl/8", b"\xff", b"curl/8"];
    for agent in agents {
        let mut request = web.request("GET /users/7 HTTP/1.1", "Host: web\r\n");
        // In front of the line end that ends the head.
        let end = request.len() - b"\r\n".len();
        request.splice(end..end, [b"User-Agent: ", agent, b"\r\n"].concat());
        testkit::raw::exchange(web.address, &request).await;
    }
    let tree = web.traced(|tree| tree.len() == agents.len()).await;
    let mut recorded: Vec<_> = tree.nodes.iter().map(|node| text(node, "user_agent.original")).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, [None, None, None, Some("curl/8"), Some("curl/8"), Some("curl/8")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_have_no_brackets_and_always_a_port() {
    let table = [
        ("[::1]:8080", "::1", 8080),
        ("[2001:db8::1]", "2001:db8::1", 80),
        ("example.com", "example.com", 80),
        ("example.com:443", "example.com", 443),
    ];
    for (host, address, port) in table {
        let tree = Web::start().await.ask("GET / HTTP/1.1", &format!("Host: {host}\r\n")).await;
        conventions::check(&tree);
        let span = server(&tree);
        assert_eq!((text(span, "server.address"), int(span, "server.port")), (Some(address), Some(port)), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_host_the_server_is_where_the_request_arrived() {
    let web = Web::start().await;
    let tree = web.ask("GET / HTTP/1.0", "").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!(text(span, "server.address"), Some("127.0.0.1"));
    assert_eq!(int(span, "server.port"), Some(web.address.port().into()));
    assert_eq!((text(span, "network.protocol.version"), text(span, "user_agent.original")), (Some("1.0"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_recorded_nowhere_unless_a_setting_asks_for_it() {
    let tree = Web::start().await.ask("GET /users/7?q=canary HTTP/1.1", "Host: web\r\n").await;
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_recorded_has_no_signatures_and_no_credentials() {
    let keys = [
        "AWSAccessKeyId",
        "Signature",
        "sig",
        "X-Goog-Signature",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Amz-Security-Token",
    ];
    let secrets: String = keys.map(|key| format!("&{key}=canary")).concat();
    let web = Web::with(&[("TELEMETRY_URL_QUERY", "redacted")], Shared::default()).await;
    let tree = web.ask(&format!("GET /users/7?q=1{secrets} HTTP/1.1"), "Host: web\r\n").await;
    let redacted: String = keys.map(|key| format!("&{key}=REDACTED")).concat();
    assert_eq!(text(server(&tree), "url.query"), Some(&*format!("q=1{redacted}")));
    assert!(!format!("{tree:?}").contains("canary"), "{tree:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_wrapped_as_a_whole_learns_its_routes() {
    let web = Web::on("127.0.0.1:0", &[], Shared::default(), true).await;
    let tree = web.ask("GET /users/4711 HTTP/1.1", "Host: web\r\n").await;
    conventions::check(&tree);
    let span = server(&tree);
    assert_eq!((span.name.as_str(), text(span, "http.route")), ("GET /users/{id}", Some("/users/{id}")));
    let labels = [("http_route", "/users/{id}"), ("http_response_status_code", "200")];
    assert_eq!(web.metrics().sum("http_server_request_duration_seconds_count", &labels), 1.0);
}
