//! Whole trace trees, and what their spans say.

use otlp::tree::Value;
use serde_json::json;
use testkit::stub::Behaviour;
use testkit::{Answer, Backend, Settings, conventions, fraud_service, raw};

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_succeeds() {
    let (service, stub) = service::before(Behaviour::Reply).await;
    let answer = service.client.post("/process", &service::request()).await;
    let tree = service
        .trace(
            &answer,
            "
            user-service server POST /process
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST",
        )
        .await;
    conventions::check(&tree);
    let server = tree.find("user-service", "POST /process").expect("the server span");
    let texts = [
        ("http.request.method", "POST"),
        ("http.route", "/process"),
        ("url.path", "/process"),
        ("url.scheme", "http"),
        ("user.id", "1001"),
    ];
    for (key, value) in texts {
        assert_eq!(server.attribute(key).and_then(Value::as_str), Some(value), "{key}");
    }
    assert_eq!(server.attribute("http.response.status_code"), Some(&Value::Int(200)));
    assert_eq!(server.attribute("server.port"), Some(&Value::Int(i64::from(service.server.address().port()))));
    let client = tree.find("user-service", "POST").expect("the client span");
    assert_eq!(client.attribute("url.full"), Some(&Value::Str(format!("{}/process", stub.url()))));
    assert_eq!(client.attribute("peer.service"), None, "a stub makes no span, whatever it is called");
    let sql = tree.find("user-service", "SELECT users").expect("the statement's span");
    let namespace = sql.attribute("db.namespace").and_then(Value::as_str).expect("a namespace");
    assert!(namespace.ends_with("|user"), "{namespace}");
    assert_eq!(sql.attribute("peer.service").and_then(Value::as_str), Some("postgresql"));
    assert_eq!(sql.attribute("db.collection.name").and_then(Value::as_str), Some("users"));
    assert_eq!(
        sql.attribute("db.query.text").and_then(Value::as_str),
        Some("SELECT id, name, email FROM users WHERE id = $1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_named_after_the_service_that_made_a_span_of_it() {
    let backend = Backend::start().await;
    let config = fraud_service::config(Settings::new(&backend).environment()).expect("valid settings");
    let next = fraud_service::start(config).await.expect("it starts");
    let address = format!("http://{}", next.address());
    let change =
        |all: Settings| all.with("NEXT_SERVICE_URL", address).with("OTEL_EXPORTER_OTLP_ENDPOINT", backend.endpoint());
    let service = service::start(change).await;
    let answer = service.client.post("/process", &service::request()).await;
    assert_eq!(answer.header("x-trace-id"), answer.trace_id());
    assert_eq!(answer.header("server"), "user-service");
    service.flush().await;
    let outline = "
        user-service server POST /process
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST
            fraud-service server POST /process
              fraud-service internal weigh risk";
    let tree = backend.flushed(&next, answer.trace_id(), outline).await;
    assert!(tree.is_whole(), "{:?}", tree.problems());
    let call = tree.find("user-service", "POST").expect("the call");
    assert_eq!(call.attribute("peer.service").and_then(Value::as_str), Some("fraud-service"));
    conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_comes_into_being() {
    let service = service::alone().await;
    let request = json!({"user_id": 4242, "user_name": "A", "user_email": "a@example.com", "action": "buy"});
    let answer = service.client.post("/process", &request).await;
    let tree = service
        .trace(
            &answer,
            "
            user-service server POST /process
              user-service internal resolve profile
                user-service client SELECT users
                user-service client INSERT users",
        )
        .await;
    conventions::check(&tree);
    let span = tree.find("user-service", "resolve profile").expect("the business span");
    assert_eq!(span.attribute("user.created"), Some(&Value::Bool(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_traces_without_an_error() {
    let service = service::alone().await;
    let unknown = service.client.post("/process", &json!({"user_id": 4242, "action": "buy"})).await;
    let outline = "
        user-service server POST /process
          user-service internal resolve profile
            user-service client SELECT users";
    let tree = service.trace(&unknown, outline).await;
    assert_eq!(tree.nodes[tree.roots[0]].attribute("http.response.status_code"), Some(&Value::Int(404)));
    let invalid = service.client.post("/process", &json!({})).await;
    let tree = service.trace(&invalid, "user-service server POST /process").await;
    assert_eq!(tree.nodes[0].attribute("http.response.status_code"), Some(&Value::Int(422)));
    let no_route = service.client.get("/users/1001/orders?token=canary").await;
    let tree = service.trace(&no_route, "user-service server GET").await;
    assert_eq!(tree.nodes[0].attribute("http.route"), None);
    assert_eq!(tree.nodes[0].attribute("url.path").and_then(Value::as_str), Some("/users/1001/orders"));
    let method = Answer::of(service.client.request(reqwest::Method::from_bytes(b"BREW").expect("one"), "/users")).await;
    let tree = service.trace(&method, "user-service server HTTP /users").await;
    assert_eq!(tree.nodes[0].attribute("http.request.method").and_then(Value::as_str), Some("_OTHER"));
    assert_eq!(tree.nodes[0].attribute("http.request.method_original").and_then(Value::as_str), Some("BREW"));
    conventions::check(&tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constraint_that_refuses_is_an_error_of_its_statement_only() {
    let service = service::alone().await;
    let taken = json!({"name": "A", "email": "ada.lovelace@example.com"});
    let answer = service.client.post("/users", &taken).await;
    let outline = "
        user-service server POST /users
          user-service client INSERT users [error: 23505]";
    let tree = service.trace(&answer, outline).await;
    conventions::check(&tree);
    let sql = tree.find("user-service", "INSERT users").expect("the statement's span");
    assert_eq!(sql.attribute("db.response.status_code").and_then(Value::as_str), Some("23505"));
    assert!(!format!("{tree:?}").contains("ada.lovelace"), "the server's message is in the span");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_leaves_a_whole_trace() {
    let (service, stub) = service::before(Behaviour::Silence).await;
    // With a connection that is there already: what it has is for the call.
    service.well("/users/1001").await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let body = service::request().to_string();
    let request = format!(
        "POST /process HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nX-Internal-Timeout-Ms: 5000\r\n\
         traceparent: 00-{trace}-b7ad6b7169203331-01\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let connection = raw::send(service.server.address(), request.as_bytes()).await;
    stub.asked(1).await;
    drop(connection);
    let tree = service.backend.trace(trace, |tree| tree.len() >= 4).await;
    assert_eq!(tree.missing_parents.len(), 1, "all but the client's own span: {}", tree.outline());
    assert!(tree.find("user-service", "POST /process").is_some_and(otlp::tree::Node::is_error), "{}", tree.outline());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_span_names_its_service_and_version() {
    let service = service::start(|settings| {
        settings.with("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%20b")
    })
    .await;
    let answer = service.client.get("/users").await;
    let traces = service.client.get("/error").await;
    let tree = service.trace(&traces, "user-service server GET /error [error: 500]").await;
    assert_eq!(answer.status, 200);
    let resource =
        |key: &str| tree.nodes[0].resource.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_str());
    assert_eq!(resource("service.name"), Some("user-service"));
    assert_eq!(resource("service.version"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(resource("deployment.environment.name"), Some("test"));
    assert_eq!(resource("team"), Some("a b"));
    let keys: Vec<_> = tree.nodes[0].resource.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.iter().filter(|key| **key == "deployment.environment.name").count(), 1, "{keys:?}");
}
